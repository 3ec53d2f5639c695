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
import type { Camera, PlaneTool, Projection, StateStore } from '../savedState';
import type { SentenceSource } from '../sentences';
import { strings } from '../strings';
import { SentenceTable } from '../tables/sentenceTable';
import type { Theme } from '../theme';
import { ProjectionSwitch } from '../umap/projectionSwitch';
import { UmapPending } from '../umap/umapPending';
import type { UmapStore } from '../umap/umapStore';
import { useUmap, useUmapView } from '../umap/useUmap';
import { hasWebGl as hasWebGlCell, hasWebGl2 } from '../webgl';
import { Chart, Key } from './figure';
import { chooseDrawing, shownPoints } from './plane';
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
  /** `null` where only principal planes are to be had */
  readonly umap: UmapStore | null;
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
  const { lines, staleRows, theme, links, sentences, store, umap, disclosures, canTransform } = props;
  const [chosen, setChosen] = useState(store.current.projection);
  const projection = umap === null ? 'pca' : chosen;
  const isUmap = projection === 'umap';
  const umapBefore = useUmap(umap, props.sides.before, isUmap);
  const umapAfter = useUmap(umap, props.sides.after, isUmap);
  const umapOf = (side: Side): typeof umapBefore => (side.id === 'before' ? umapBefore : umapAfter);
  const umapView = useUmapView(props.sides, props.views, umapBefore, umapAfter);
  const { sides, views } = isUmap ? umapView : props;
  const umapPlanes = [umapBefore, umapAfter].flatMap(({ state }) => (state?.kind === 'shown' ? [state.plane] : []));

  const hasWebGl = useCell(hasWebGlCell);
  const inPlane = (isUmap ? (umapPlanes[0]?.plane ?? views.raw.plane) : views.raw.plane).length / 2;
  const drawing = chooseDrawing(inPlane, hasWebGl, hasWebGl2);
  const points = useMemo(() => shownPoints(views.shownRows, inPlane, drawing), [views.shownRows, inPlane, drawing]);
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

  const renderPlane = (side: Side): VNode => (
    <PlanePlot
      // Plotly cannot change the kind of a trace whose WebGL context is gone.
      key={drawing}
      side={side}
      points={points}
      theme={theme}
      drawing={drawing}
      projection={projection}
      links={links}
      staleRows={staleRows}
      tool={tool}
      camera={cameras[cameraKey(side, projection)] ?? null}
      onCamera={(camera) => changeCamera(cameraKey(side, projection), camera)}
      onPoint={point}
      onContextLost={() => hasWebGlCell.set(false)}
    />
  );
  const renderPlot = (side: Side): VNode =>
    isUmap && umapOf(side).state?.kind !== 'shown' ? <UmapPending umap={umapOf(side)} /> : renderPlane(side);
  const captionOf = (side: Side): string | null => {
    const { state } = umapOf(side);
    if (isUmap) return state?.kind === 'shown' ? strings.umapCaption(state.plane) : null;
    const [first, second] = side.view.planeVarianceShare;
    return strings.planeCaption(formatShare(first + second));
  };
  const toolButton = (name: PlaneTool, title: string): VNode => (
    <Button kind="icon" action={name} title={title} isPressed={tool === name} onClick={() => chooseTool(name)}>
      <Icon name={name} />
    </Button>
  );
  const tableOf = (rows: readonly number[] | null, label: string): VNode => (
    <SentenceTable
      label={label}
      rows={rows ?? points.rows}
      sides={sides}
      views={views}
      axisName={isUmap ? strings.umapAxis : undefined}
      lines={lines}
      staleRows={staleRows}
      links={links}
      sentences={sentences}
    />
  );
  const umapNotes = new Set(umapPlanes.flatMap(({ notes }) => notes.map(({ message }) => message)));
  return (
    <Chart
      name="plane"
      title={strings.plane}
      sides={sides}
      explanation={isUmap ? chartExplanations.umap : chartExplanations.plane}
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
          {umap !== null && (
            <ProjectionSwitch
              projection={projection}
              onChoose={(next) => {
                setChosen(next);
                store.update({ projection: next });
              }}
            />
          )}
          {toolButton('lasso', strings.lassoTitle)}
          {toolButton('zoom', strings.zoomTitle)}
          {toolButton('pan', strings.panTitle)}
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
      caption={captionOf}
      table={() => tableOf(null, strings.plane)}
    >
      {isUmap &&
        [...umapNotes].map((message) => (
          <p class="remark" data-umap-note key={message}>
            {message}
          </p>
        ))}
      {drawing !== 'svg' && views.shownRows !== null && !(isUmap && umapNotes.size > 0) && (
        <p class="remark" data-sampled={inPlane}>
          {strings.planeSampled(inPlane, lines.length)}
        </p>
      )}
      {!hasWebGl && (
        <p class="remark" data-fallback="svg">
          {strings.noWebGl(points.rows.length, inPlane)}
        </p>
      )}
      {drawing === 'webgl' && points.rows.length < inPlane && (
        <p class="remark" data-fallback="webgl">
          {strings.noWebGl2(points.rows.length, inPlane)}
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

/** A camera belongs to one space and one plane of it: another transform has other coordinates. */
function cameraKey(side: Side, projection: Projection): string {
  return `${side.id}|${side.spec}${projection === 'umap' ? '|umap' : ''}`;
}
