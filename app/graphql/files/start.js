// Starts GraphiQL on the address it was loaded from. Examples lie in tabs; what is typed stays in the browser.
"use strict";
const examples = [
  `# What is this, and what belongs to it? Put a key of yours between the quotes; Ctrl-Enter asks.
query Node {
  node(key: "dataset:namespace:name") {
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
  `# What does it touch? Nearest first; completeness says what was cut and what is a guess.
query Downstream {
  downstream(of: "dataset:namespace:name", depth: 5, first: 50) {
    nodes { depth node { key kind } }
    edges { source target jobs evidence validFrom }
    totals { nodes edges byDepth { depth count } }
    completeness { complete truncatedBy guessedEdges position }
    pageInfo { hasNextPage endCursor }
  }
}`,
  `# Where did it come from at that time?
query UpstreamThen {
  upstream(of: "dataset:namespace:name", asOf: "2026-05-01T00:00:00Z") {
    nodes { depth node { key kind } }
    edges { source target evidence validFrom validTo }
    completeness { complete guessedEdges }
  }
}`,
  `# How are a job's runs doing?
query Runs {
  job(namespace: "namespace", name: "name") {
    key
    runs(first: 10) { nodes { name state startedAt endedAt stale } }
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
