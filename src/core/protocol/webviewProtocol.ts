import type { AnalysisProgress, EncoderOffer, StepProgress } from './engineProtocol';
import type { DimensionCurve, DimensionReading, DimensionTable, NeighbourDiff } from './lab';
import type { Outgoing } from './rpc';
import type { Snapshot } from './snapshot';
import type { UmapPlane } from './umap';
import type { Preview, Views } from './views';

/** What a page of ours shows. A snapshot, never a delta: re-sent whole on `ready`, because a hidden page loses messages. */
export type PageState =
  | { readonly kind: 'empty' }
  | { readonly kind: 'running'; readonly title: string; readonly progress: AnalysisProgress | null }
  | {
      readonly kind: 'failed';
      readonly title: string;
      readonly message: string;
      readonly actions: readonly PageAction[];
    }
  | { readonly kind: 'shown'; readonly report: Report };

/** Everything that the panel, the sidebar summary and the HTML report draw. */
export interface Report {
  readonly title: string;
  /** one sentence made of the numbers */
  readonly verdict: string;
  readonly snapshot: Snapshot;
  readonly views: Views;
  /** layers and poolings to choose from; `null` where there is no choice, and in a report without a host */
  readonly offer: EncoderOffer | null;
  /** what the transform was fitted on */
  readonly fit: FitChoice;
  /** UMAP planes where they were made with the report; a page with a host asks for them */
  readonly umap?: UmapPlanes;
  /** document line (from 0) of each row, length N */
  readonly lines: Uint32Array;
  /** rows whose line was edited since */
  readonly staleRows: Uint32Array;
  /** lines that the document has gained or lost since, so that a re-analysis would differ */
  readonly isStale: boolean;
  /** set while a re-analysis runs over the report that is still shown */
  readonly progress: AnalysisProgress | null;
}

export interface UmapPlanes {
  readonly raw: UmapPlane;
  /** `null` when the transform is `none` */
  readonly transformed: UmapPlane | null;
}

/** What a transform is fitted on: the rows themselves, one half of them (then only the other half is shown), or the lines of another file. */
export type FitChoice = 'self' | 'half' | 'file';

export interface PageAction {
  readonly command: 'retry' | 'showLog' | 'chooseEncoder';
  readonly label: string;
}

/** Host → page. */
export interface PageNotifications {
  state: PageState;
  progress: AnalysisProgress;
  /** rows under the cursor or in the selection */
  highlight: { readonly rows: Uint32Array };
  stale: { readonly staleRows: Uint32Array; readonly isStale: boolean };
}

/** Page → host, with an answer. */
export interface PageRequests {
  /** sentences by row: at most 500 at a time, each cut to 400 characters */
  describe: { params: { rows: readonly number[] }; result: readonly string[]; progress: never };
  /** a slider passes through a setting */
  preview: { params: { spec: string }; result: Preview | null; progress: never };
  /** a setting is chosen: the host answers with a new `state` */
  transform: { params: { spec: string }; result: null; progress: never };
  /** another layer or pooling is chosen: the host answers with a new `state`, then with null */
  encode: { params: { layer: string | number; pooling: string }; result: null; progress: never };
  /** what the transform is fitted on is chosen: the host answers with a new `state`, then with null */
  fit: { params: { on: FitChoice }; result: null; progress: never };
  /** as the engine's request of the same name, about the analysis that is shown; `null` when there is none any more */
  dimensions: { params: null; result: DimensionTable | null; progress: never };
  dimension: {
    params: { space: 'raw' | 'transformed'; dimension: number; rows: number };
    result: DimensionReading | null;
    progress: never;
  };
  dimensionCurve: { params: null; result: DimensionCurve | null; progress: StepProgress };
  neighbourDiff: { params: { row: number; k: number }; result: NeighbourDiff | null; progress: never };
  /** the host asks where to save a chart, as SVG or as PNG; answers when it is saved or the user has changed their mind */
  savePlot: { params: { name: string; svg: string; png: Uint8Array | null }; result: null; progress: never };
  /** UMAP of one side at the transform that the page shows; `null` when another is shown by now */
  umap: {
    params: { side: 'raw' | 'transformed'; spec: string };
    result: UmapPlane | null;
    progress: StepProgress;
  };
}

/** Page → host, without an answer. */
export interface HostNotifications {
  /** the page can receive: send it the state */
  ready: null;
  /** select the line of a row in the editor; `keepFocus` leaves the keyboard where it is */
  reveal: { readonly row: number; readonly keepFocus: boolean };
  /** a lasso: open these rows as a new document */
  list: { readonly rows: readonly number[] };
  reanalyze: null;
  cancel: null;
  action: { readonly command: PageAction['command'] };
  /** the sidebar summary asks for the big panel */
  openPanel: null;
  /** errors and CSP violations of the page, for the log */
  problem: { readonly message: string };
}

/** The two directions of the border, for `openPeer`. */
export type HostToPage = Outgoing<object, PageNotifications>;
export type PageToHost = Outgoing<PageRequests, HostNotifications>;
