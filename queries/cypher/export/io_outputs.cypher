// Which OUTPUTS edges lead to the datasets in a range of keys, with all they say?
// mode: read
// params: low, high
// returns: rows
MATCH (n:Dataset)
USING INDEX SEEK n:Dataset(key)
WHERE n.key >= $low AND n.key < $high
MATCH (n)<-[r:OUTPUTS]-(m:Job)
RETURN collect({direction: "OUTPUT", dataset: {namespace: n.namespace, name: n.name}, job: {namespace: m.namespace, name: m.name},
  evidence: r.evidence, declared: r.declared, current: r.current}) AS rows
