"""The graph, drawn.

    (Run)-[:RUN_OF]->(Job)-[:PART_OF]->(Job)              (Run)-[:CHILD_OF]->(Run)
    (Run)-[:READ]->(Dataset)<-[:WROTE]-(Run)              what runs did, on names as sent
    (Dataset)-[:INPUT_TO]->(Job)-[:OUTPUTS]->(Dataset)    the two-sided graph
    (Dataset)-[:FEEDS|FED]->(Dataset)                     derived: data flows, data flowed
    (Field)-[:FEEDS_FIELD|FED_FIELD]->(Field)             derived: column level
    (Field)-[:SHAPES]->(Dataset)                          derived: filters, joins, sorts
    (Dataset)-[:HAS_FIELD]->(Field)                       (Dataset)-[:ALIAS_OF]->(Dataset)
    (x)-[:HAS_FACET]->(Facet)                             (x)-[:OWNED_BY]->(Person)
    (Run)-[:CHECKED]->(Check)-[:CHECK_OF]->(Dataset)

Arrows point with the data: downstream means "follow the arrow".
"""
