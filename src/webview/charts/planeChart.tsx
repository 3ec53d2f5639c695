import type { VNode } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Views } from '../../core/protocol/views';
import { useCell } from '../cell';
import { Button } from '../controls';
import type { Disclosures } from '../disclosure';
import { chartExplanations } from '../explanations';
import { formatShare } from '../format';
import { Icon } from '../icons';
import type { RowLinks } from '../rowLinks';
import type { Camera, StateStore } from '../savedState';
import type { SentenceSource } from '../sentences';
import { strings } from '../strings';
import { SentenceTable } from '../tables/sentenceTable';
import type { Theme } from '../theme';
import { hasWebGl as hasWebGlCell } from '../webgl';
import { Chart, Key } from './figure';
import { shownPoints } from './plane';
import { PlanePlot } from './planePlot';
import type { Side, Sides } from './sides';
import { Tooltip } from './tooltip';

export interface PlaneChartProps {
  readonly sides: Sides;
  readonly views: Views;
  readonly lines: Uint32Array;
  readonly staleRows: Uint32Array;
  readonly theme: Theme;
  readonly links: RowLinks;
  readonly sentences: SentenceSource;
  readonly store: StateStore;
  readonly disclosures: Disclosures;
  readonly canTransform: boolean;
}

/** The mouse must rest this long on a point before its sentence is asked for. */
const HOVER_DELAY_MS = 60;

interface Pointed {
  readonly row: number;
  readonly at: { readonly x: number; readonly y: number };
}

export function PlaneChart(props: PlaneChartProps): VNode {
  const { sides, views, lines, staleRows, theme, links, sentences, store, disclosures, canTransform } = props;
  const hasWebGl = useCell(hasWebGlCell);
  const points = useMemo(() => shownPoints(views, hasWebGl), [views, hasWebGl]);
  const [tool, setTool] = useState(store.current.tool);
  const [cameras, setCameras] = useState(store.current.cameras);
  const [pointed, setPointed] = useState<Pointed | null>(null);
  const selected = useCell(links.selected);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  const changeCamera = (key: string, camera: Camera | null): void => {
    setCameras((previous) => {
      const others = Object.entries(previous).filter(([other]) => other !== key);
      const next = Object.fromEntries(camera === null ? others : [...others, [key, camera]]);
      store.update({ cameras: next });
      return next;
    });
  };
  const point = (row: number | null, at: Pointed['at']): void => {
    links.hovered.set(row);
    clearTimeout(timer.current);
    if (row === null) setPointed(null);
    else timer.current = setTimeout(() => setPointed({ row, at }), HOVER_DELAY_MS);
  };
  const chooseTool = (next: typeof tool): void => {
    setTool(next);
    store.update({ tool: next });
  };

  const renderPlot = (side: Side): VNode => (
    <PlanePlot
      // Plotly cannot change the kind of a trace whose WebGL context is gone.
      key={hasWebGl ? 'webgl' : 'svg'}
      side={side}
      points={points}
      theme={theme}
      hasWebGl={hasWebGl}
      links={links}
      staleRows={staleRows}
      tool={tool}
      camera={cameras[cameraKey(side)] ?? null}
      onCamera={(camera) => changeCamera(cameraKey(side), camera)}
      onPoint={point}
      onContextLost={() => hasWebGlCell.set(false)}
    />
  );
  const tableOf = (rows: readonly number[] | null, label: string): VNode => (
    <SentenceTable
      label={label}
      rows={rows ?? points.rows}
      sides={sides}
      views={views}
      lines={lines}
      staleRows={staleRows}
      links={links}
      sentences={sentences}
    />
  );
  const inPlane = views.raw.plane.length / 2;
  return (
    <Chart
      name="plane"
      title={strings.plane}
      sides={sides}
      explanation={chartExplanations.plane}
      disclosures={disclosures}
      canTransform={canTransform}
      legend={
        <>
          {links.reveal !== null && (
            <Key shape="diamond" tone="highlight">
              {strings.keyHighlight}
            </Key>
          )}
          {staleRows.length > 0 && (
            <Key shape="cross" tone="stale">
              {strings.keyStale}
            </Key>
          )}
        </>
      }
      toolbar={
        <div class="toolbar">
          <Button
            kind="icon"
            action="lasso"
            title={strings.lassoTitle}
            isPressed={tool === 'lasso'}
            onClick={() => chooseTool('lasso')}
          >
            <Icon name="lasso" />
          </Button>
          <Button
            kind="icon"
            action="zoom"
            title={strings.zoomTitle}
            isPressed={tool === 'zoom'}
            onClick={() => chooseTool('zoom')}
          >
            <Icon name="zoom" />
          </Button>
          <Button
            kind="icon"
            action="reset"
            title={strings.reset}
            onClick={() => {
              setCameras({});
              store.update({ cameras: {} });
            }}
          >
            <Icon name="reset" />
          </Button>
        </div>
      }
      renderPlot={renderPlot}
      caption={({ view: { planeVarianceShare: share } }) => strings.planeCaption(formatShare(share[0] + share[1]))}
      table={() => tableOf(null, strings.plane)}
    >
      {hasWebGl && views.shownRows !== null && (
        <p class="remark" data-sampled={inPlane}>
          {strings.planeSampled(inPlane, lines.length)}
        </p>
      )}
      {!hasWebGl && (
        <p class="remark" data-fallback="svg">
          {strings.noWebGl(points.rows.length, inPlane)}
        </p>
      )}
      {selected.length > 0 && (
        <div class="selection" data-selected={selected.length}>
          <div class="selection-bar">
            <strong>{strings.selected(selected.length)}</strong>
            {links.list !== null && (
              <Button action="list" onClick={() => links.list?.(selected)}>
                {strings.openAsDocument}
              </Button>
            )}
            <Button action="clear" onClick={() => links.selected.set([])}>
              {strings.clearSelection}
            </Button>
          </div>
          {tableOf(selected, strings.selectionTable)}
        </div>
      )}
      {pointed !== null && (
        <Tooltip
          row={pointed.row}
          line={lines[pointed.row] ?? pointed.row}
          at={pointed.at}
          sentences={sentences}
          canReveal={links.reveal !== null}
        />
      )}
    </Chart>
  );
}

/** A camera belongs to one space: another transform has other coordinates. */
function cameraKey(side: Side): string {
  return `${side.id}|${side.spec}`;
}
