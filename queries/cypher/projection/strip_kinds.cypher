// Take the kind's label from these datasets. A transaction of its own: an engine moves a node at most once in one.
// mode: write
// params: keys
// returns:
UNWIND $keys AS k
MATCH (n:Dataset {key: k})
USING INDEX SEEK n:Dataset(key)
REMOVE n:Table:View:File:Topic:FeatureView:FeatureService:LoggedModel:ModelVersion
