// If a dataset is updated, which models are impacted, how far away, and where do they run? `dataset` is its key.
// why: this walks to any depth in one statement, which Neo4j prunes; elsewhere ask `headwater downstream`.
// mode: read
// params: dataset
// returns: version, hops, model, deployments
MATCH p = (d:Dataset {key: $dataset})-[:FEEDS*1..]->(v:Dataset)
USING INDEX SEEK d:Dataset(key)
WHERE v.kind = 'MODEL_VERSION'
WITH v, min(length(p)) AS hops
OPTIONAL MATCH (v)-[:VERSION_OF]->(m:Model)
OPTIONAL MATCH (v)-[:FEEDS]->(serving:Deployment)
RETURN v.key AS version, hops, m.key AS model, collect(serving.key) AS deployments
ORDER BY hops, version
