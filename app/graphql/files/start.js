// Starts GraphiQL on the address it was loaded from. The examples of examples.json lie in tabs at first, and behind a
// button of their own for good; their keys are of the sample estate (app/demo/estate.ndjson). What is typed stays in
// the browser.
"use strict";
const make = React.createElement;
const base = document.currentScript.src.replace(/start\.js$/, "");

const tabOf = ({ query, variables }) => ({
  query,
  variables: variables ? JSON.stringify(variables, null, 2) : "",
});

// A tab that is added becomes the one being edited in a later step of React's: only then can it be filled.
function open(editing, example) {
  const { query, variables } = tabOf(example);
  editing.addTab();
  setTimeout(() => {
    editing.queryEditor?.setValue(query);
    editing.variableEditor?.setValue(variables);
    editing.setOperationName(query.match(/^query (\w+)/m)[1]); // GraphiQL notices by itself, but a moment too late
    editing.queryEditor?.focus();
    document.querySelector(".graphiql-editors")?.scrollIntoView({ block: "nearest" });
  });
}

const icon = () =>
  make(
    "svg",
    { viewBox: "0 0 24 24", fill: "none", stroke: "currentColor", strokeWidth: 1.5, "aria-hidden": true },
    make("path", { d: "M12 3a6.5 6.5 0 0 0-3.6 11.9c.7.5 1.1 1.2 1.1 2.1h5c0-.9.4-1.6 1.1-2.1A6.5 6.5 0 0 0 12 3Z" }),
    make("path", { d: "M9.5 20h5M12 17v-5m-2-2 2 2 2-2" }),
  );

const examplesPlugin = (examples) => ({
  title: "Examples",
  icon,
  content: () => {
    const editing = GraphiQL.React.useEditorContext({ nonNull: true });
    return make(
      "section",
      { "aria-label": "Examples", className: "headwater-examples" },
      make("h2", null, "Examples"),
      make("p", null, "Each opens in a tab of its own. The keys are of the sample estate:"),
      make("pre", null, "headwater ingest app/demo/estate.ndjson"),
      examples.map((example) =>
        make(
          "button",
          { key: example.name, type: "button", onClick: () => open(editing, example) },
          make("strong", null, example.name),
          make("span", null, example.says),
        ),
      ),
    );
  },
});

function start(examples) {
  const asked = new URLSearchParams(window.location.search).get("query");
  ReactDOM.createRoot(document.getElementById("graphiql")).render(
    make(GraphiQL, {
      fetcher: GraphiQL.createFetcher({ url: window.location.pathname }),
      plugins: [examplesPlugin(examples), GraphiQLPluginExplorer.explorerPlugin()],
      query: asked || undefined,
      defaultTabs: examples.map(tabOf),
      defaultEditorToolsVisibility: "variables",
      shouldPersistHeaders: false,
    }),
  );
}

fetch(`${base}examples.json`)
  .then((answer) => (answer.ok ? answer.json() : []))
  .catch(() => [])
  .then(start);
