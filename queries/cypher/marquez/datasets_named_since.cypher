// How many datasets were first named in each minute since an instant?
// mode: read
// params: since
// returns: minute, count
MATCH (n:Dataset)
WHERE n.created_at >= $since
WITH substring(n.created_at, 0, 16) AS minute
RETURN minute, count(*) AS count
