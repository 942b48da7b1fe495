// Which models have a name? They are asked about without the namespace of their registry.
// mode: schema
CREATE INDEX model_name IF NOT EXISTS FOR (n:Model) ON (n.name);
