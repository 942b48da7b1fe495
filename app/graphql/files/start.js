// Starts GraphiQL on the address it was loaded from. Examples lie in tabs, on keys of the sample estate
// (app/demo/estate.ndjson); what is typed stays in the browser.
"use strict";
const examples = [
  `# What is this, and what belongs to it?
# The key is of the sample; put in yours.
# Ctrl-Enter asks.
query Node {
  node(key: "dataset:bigquery:otter.marts.trips") {
    key
    kind
    name
    ... on Dataset {
      live
      lastWrittenAt
      fields { path dataType current }
      producers { nodes { job { key } current } }
    }
  }
}`,
  `# What does it touch? Nearest first.
# completeness: what was cut, what is a guess.
query Downstream {
  downstream(
    of: "dataset:bigquery:otter.staging.stg_gauges"
    depth: 5
    first: 50
  ) {
    nodes { depth node { key kind } }
    edges { source target jobs evidence }
    totals { nodes edges byDepth { depth count } }
    completeness {
      complete
      truncatedBy
      guessedEdges
      position
    }
    pageInfo { hasNextPage endCursor }
  }
}`,
  `# Where did it come from at that time?
# Without asOf: from what it is made of now.
query UpstreamThen {
  upstream(
    of: "dataset:mlflow:canoe-demand"
    asOf: "2026-05-01T12:00:00Z"
    depth: 2
  ) {
    nodes { depth node { key kind } }
    edges { source target validFrom validTo }
    completeness { complete guessedEdges }
  }
}`,
  `# How are a job's runs doing?
query Runs {
  job(namespace: "dbt", name: "model.otter.trips") {
    key
    runs(first: 10) {
      nodes { name state startedAt endedAt stale }
    }
  }
}`,
];
const asked = new URLSearchParams(window.location.search).get("query");
const fetcher = GraphiQL.createFetcher({ url: window.location.pathname });
const explorer = GraphiQLPluginExplorer.explorerPlugin();
ReactDOM.createRoot(document.getElementById("graphiql")).render(
  React.createElement(GraphiQL, {
    fetcher,
    plugins: [explorer],
    query: asked || undefined,
    defaultTabs: examples.map((query) => ({ query })),
    shouldPersistHeaders: false,
  }),
);
