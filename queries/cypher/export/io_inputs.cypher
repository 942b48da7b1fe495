// Which INPUT_TO edges set out from the datasets in a range of keys, with all they say?
// mode: read
// params: low, high
// returns: rows
MATCH (n:Dataset)
USING INDEX SEEK n:Dataset(key)
WHERE n.key >= $low AND n.key < $high
MATCH (n)-[r:INPUT_TO]->(m:Job)
RETURN collect({direction: "INPUT", dataset: {namespace: n.namespace, name: n.name}, job: {namespace: m.namespace, name: m.name},
  evidence: r.evidence, declared: r.declared, current: r.current}) AS rows
