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

// Where page.css lays the panes below each other.
const stacked = window.matchMedia("(max-width: 44rem)");

// What was typed just now is in the editors alone: GraphiQL tells its tabs a moment later.
const textOf = (editing) => (tab, index) =>
  index === editing.activeTabIndex
    ? [editing.queryEditor?.getValue(), editing.variableEditor?.getValue()]
    : [tab.query, tab.variables ?? ""];

// A tab that is added or changed to becomes the one being edited in a later step of React's: only then can it be filled.
function open({ editing, running }, example) {
  const { query, variables } = tabOf(example);
  const there = editing.tabs.map(textOf(editing)).findIndex(([q, v]) => q === query && v === variables);
  running.stop();
  if (there < 0) editing.addTab();
  else editing.changeTab(there);
  if (stacked.matches) document.querySelector('[aria-label="Hide Examples"]')?.click();
  setTimeout(() => {
    if (there < 0) {
      editing.queryEditor?.setValue(query);
      editing.variableEditor?.setValue(variables);
    }
    editing.setOperationName(query.match(/^query (\w+)/m)[1]); // GraphiQL notices by itself, but a moment too late
    if (!stacked.matches) editing.queryEditor?.focus(); // on a phone this would bring up the keyboard
    document.querySelector(".graphiql-editors")?.scrollIntoView({ block: "nearest" });
  });
}

// Shows nothing: lets long lines wrap, and where the answer is below the question, goes to it when it has come.
function Manners() {
  const { queryEditor, variableEditor, headerEditor } = GraphiQL.React.useEditorContext({ nonNull: true });
  const { isFetching } = GraphiQL.React.useExecutionContext({ nonNull: true });
  const waited = React.useRef(false);
  React.useEffect(() => {
    for (const editor of [queryEditor, variableEditor, headerEditor]) editor?.setOption("lineWrapping", true);
  }, [queryEditor, variableEditor, headerEditor]);
  React.useEffect(() => {
    if (waited.current && !isFetching && stacked.matches) {
      document.querySelector(".graphiql-response")?.scrollIntoView({ block: "start" });
    }
    waited.current = isFetching;
  }, [isFetching]);
  return null;
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
    const running = GraphiQL.React.useExecutionContext({ nonNull: true });
    return make(
      "section",
      { "aria-label": "Examples", className: "headwater-examples" },
      make("h2", null, "Examples"),
      make("p", null, "Each opens in a tab of its own. The keys are of the sample estate:"),
      make("pre", null, "headwater ingest app/demo/estate.ndjson"),
      examples.map((example) =>
        make(
          "button",
          { key: example.name, type: "button", onClick: () => open({ editing, running }, example) },
          make("strong", null, example.name),
          make("span", null, example.says),
        ),
      ),
    );
  },
});

function start(examples) {
  const given = new URLSearchParams(window.location.search);
  const asked = given.get("query");
  const then = given.get("known_at");
  ReactDOM.createRoot(document.getElementById("graphiql")).render(
    make(GraphiQL, {
      // A subscription goes over a WebSocket, whose first message carries what the headers tab says.
      fetcher: GraphiQL.createFetcher({
        url: window.location.pathname + (then ? `?known_at=${encodeURIComponent(then)}` : ""),
        subscriptionUrl: window.location.origin.replace(/^http/, "ws") + window.location.pathname,
      }),
      plugins: [examplesPlugin(examples), GraphiQLPluginExplorer.explorerPlugin()],
      query: asked || undefined,
      defaultTabs: examples.map(tabOf),
      toolbar: { additionalComponent: Manners },
      defaultEditorToolsVisibility: "variables",
      shouldPersistHeaders: false,
    }),
  );
}

fetch(`${base}examples.json`)
  .then((answer) => (answer.ok ? answer.json() : []))
  .catch(() => [])
  .then(start);
