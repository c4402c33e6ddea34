import type { ComponentChildren, JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { EXAMPLE_TEXTS } from './examples.js';
import { MemoryTab } from './memory/memory-tab.js';
import { kindFor } from './server/embed-all.js';
import { usePlayground } from './use-playground.js';
import { CodeCalls } from './views/code-calls.js';
import { HeatMap } from './views/heat-map.js';
import { KeyForm } from './views/key-form.js';
import { ModelBar } from './views/model-bar.js';
import { Neighbours } from './views/neighbours.js';
import { TabList } from './views/tab-list.js';
import { TextField } from './views/text-field.js';
import { TextMap } from './views/text-map.js';
import { TimingsList } from './views/timings-list.js';
import { TokenTable } from './views/token-table.js';

/** Most texts that are written out in code. */
const TEXTS_IN_CODE = 20;
/** The tabs of a server with a memory; without one there is nothing to choose. */
const TABS: readonly string[] = ['Texts', 'Memory'];
const MEMORY = TABS.indexOf('Memory');

/** The whole page. */
export function App(): JSX.Element {
  const playground = usePlayground();
  const [field, setField] = useState(EXAMPLE_TEXTS.join('\n'));
  const [chosen, setChosen] = useState(0);
  const [visited, setVisited] = useState(false);
  const { embedded, query, info, locked, failure, busy } = playground;
  const tab = info?.memory === true ? chosen : 0;
  const call = useMemo(
    () =>
      embedded === undefined
        ? undefined
        : {
            url: playground.url,
            model: embedded.info.model_id,
            texts: embedded.texts.slice(0, TEXTS_IN_CODE),
            kind: kindFor(embedded.info, 'document'),
            cuts: embedded.truncated.size > 0,
            keyed: playground.keyed,
          },
    [embedded, playground.keyed],
  );
  return (
    <>
      <header class="bar">
        <h1>
          isovec <span>playground</span>
        </h1>
        {locked === undefined && info !== undefined && (
          <ModelBar info={info} models={playground.models} choose={playground.choose} />
        )}
        {locked === undefined && info?.memory === true && (
          <TabList
            names={TABS}
            chosen={tab}
            choose={(index) => {
              setChosen(index);
              if (index === MEMORY) setVisited(true);
            }}
            prefix="main-tab"
            panelOf={panelOf}
            label="What to look at"
          />
        )}
        <nav class="pages" aria-label="Pages">
          <a href="./docs">API reference</a>
        </nav>
      </header>
      <main>
        <p role="alert" class="failure">
          {failure}
        </p>
        {locked !== undefined ? (
          <KeyForm reason={locked} unlock={playground.unlock} />
        ) : (
          <>
            <TabPanel index={0} chosen={tab} tabbed={info?.memory === true}>
              <div class="columns">
                <div class="side">
                  <TextField
                    field={field}
                    setField={setField}
                    busy={busy}
                    done={playground.done}
                    embed={playground.embed}
                  />
                  {embedded !== undefined && (
                    <>
                      <TimingsList embedded={embedded} />
                      <TokenTable embedded={embedded} />
                    </>
                  )}
                </div>
                <div class="views" aria-busy={busy !== 'no'}>
                  {embedded === undefined || call === undefined ? (
                    <p class="note">
                      {failure === undefined ? 'The examples are being embedded …' : 'Nothing to show yet.'}
                    </p>
                  ) : (
                    <>
                      <Neighbours embedded={embedded} query={query} busy={busy} search={playground.search} />
                      <TextMap embedded={embedded} query={query} />
                      <HeatMap embedded={embedded} />
                      <CodeCalls call={call} of={embedded.texts.length} />
                    </>
                  )}
                </div>
              </div>
            </TabPanel>
            {info?.memory === true && (
              <TabPanel index={MEMORY} chosen={tab} tabbed>
                {visited && <MemoryTab report={playground.report} />}
              </TabPanel>
            )}
          </>
        )}
      </main>
    </>
  );
}

interface PanelProperties {
  readonly index: number;
  readonly chosen: number;
  /** Whether there are tabs. */
  readonly tabbed: boolean;
  readonly children: ComponentChildren;
}

/** What belongs to a tab; it stays as it is while another one is looked at. */
function TabPanel({ index, chosen, tabbed, children }: PanelProperties): JSX.Element {
  const role = tabbed ? { role: 'tabpanel' as const, 'aria-labelledby': `main-tab-${index}` } : {};
  return (
    <div id={panelOf(index)} hidden={index !== chosen} {...role}>
      {children}
    </div>
  );
}

function panelOf(index: number): string {
  return `main-panel-${index}`;
}
