"""The graph, drawn.

    (Run)-[:RUN_OF]->(Job)-[:PART_OF]->(Job)              (Run)-[:CHILD_OF]->(Run)
    (Run)-[:READ]->(Dataset)<-[:WROTE]-(Run)              what runs did, on names as sent
    (Dataset)-[:INPUT_TO]->(Job)-[:OUTPUTS]->(Dataset)    the two-sided graph
    (Dataset)-[:FEEDS|FED]->(Dataset or Deployment)       derived: data flows, data flowed
    (Field)-[:FEEDS_FIELD|FED_FIELD]->(Field)             derived: column level
    (Field)-[:SHAPES]->(Dataset)                          derived: filters, joins, sorts
    (Dataset)-[:HAS_FIELD]->(Field)                       (Dataset)-[:ALIAS_OF]->(Dataset)
    (x)-[:HAS_FACET]->(Facet)                             (x)-[:OWNED_BY]->(Person)
    (Run)-[:CHECKED]->(Check)-[:CHECK_OF]->(Dataset)
    (Run)-[:IN_EXPERIMENT]->(Experiment)                  (Dataset)-[:VERSION_OF]->(Model)
    (Run)-[:USED_FEATURE]->(Field)                        (Run or Experiment)-[:STARTED_BY]->(Person)
    (Approval)-[:APPROVES]->(Dataset)                     (Approval)-[:DECIDED_BY]->(Person)

Arrows point with the data: downstream means "follow the arrow".
"""
