import type { ComponentChildren, VNode } from 'preact';
import { Disclosure, type Disclosures } from '../disclosure';
import type { Explanation } from '../explanations';
import { Tag } from '../controls';
import { strings } from '../strings';
import { SavePlotButton } from './plotSaving';
import type { Side, Sides } from './sides';

export interface ChartProps {
  /** `data-plot` */
  readonly name: string;
  readonly title: string;
  readonly sides: Sides;
  readonly explanation: Explanation;
  readonly disclosures: Disclosures;
  /** how marks look and what they are */
  readonly legend: ComponentChildren;
  readonly toolbar?: ComponentChildren;
  readonly renderPlot: (side: Side) => VNode;
  readonly caption: (side: Side) => ComponentChildren;
  /** the same as a table; made only when it is open */
  readonly table: () => VNode;
  readonly canTransform: boolean;
  readonly children?: ComponentChildren;
}

/** A chart before | after with everything that belongs to it: legend, captions, explanation, equivalent table. */
export function Chart(props: ChartProps): VNode {
  const { name, title, sides, explanation, disclosures, legend, toolbar, renderPlot, caption, table, canTransform } =
    props;
  const id = `chart-${name}`;
  return (
    <section class="chart" data-plot={name} aria-labelledby={id}>
      <header class="chart-header">
        <h2 id={id}>{title}</h2>
        <div class="legend">{legend}</div>
        {toolbar}
        <SavePlotButton name={name} />
      </header>
      <div class="pair">
        <ChartSide side={sides.before} renderPlot={renderPlot} caption={caption} />
        {sides.after !== null ? (
          <ChartSide side={sides.after} renderPlot={renderPlot} caption={caption} />
        ) : canTransform ? (
          <div class="side no-transform">
            <p>{strings.noTransform}</p>
            <p class="muted">{strings.noTransformHint}</p>
          </div>
        ) : null}
      </div>
      {props.children}
      <div class="disclosures">
        <Disclosure id={`${name}-what`} summary={strings.whatIsThis} disclosures={disclosures}>
          {() => <ExplanationText explanation={explanation} />}
        </Disclosure>
        <Disclosure id={`${name}-table`} summary={strings.asTable} disclosures={disclosures}>
          {table}
        </Disclosure>
      </div>
    </section>
  );
}

function ChartSide({
  side,
  renderPlot,
  caption,
}: Pick<ChartProps, 'renderPlot' | 'caption'> & { readonly side: Side }): VNode {
  return (
    <figure class="side" data-side={side.id} data-preview={String(side.isPreview)}>
      <figcaption>
        <span class={`side-label ${side.id}`}>{side.label}</span>
        {side.isPreview && <Tag>{strings.preview}</Tag>}
      </figcaption>
      {renderPlot(side)}
      <p class="caption">{caption(side)}</p>
    </figure>
  );
}

/** What a chart shows, how it is computed and read, and where that comes from. */
export function ExplanationText({
  explanation: { what, formula, source, reading },
}: {
  readonly explanation: Explanation;
}): VNode {
  return (
    <div class="explanation">
      <p>{what}</p>
      <p>{reading}</p>
      <dl>
        <dt>{strings.formula}</dt>
        <dd class="formula">{formula}</dd>
        <dt>{strings.source}</dt>
        <dd>{source}</dd>
      </dl>
    </div>
  );
}

/** In the place of a plot that would be empty. */
export function Nothing({ children }: { readonly children: ComponentChildren }): VNode {
  return (
    <div class="plot nothing">
      <p>{children}</p>
    </div>
  );
}

export type KeyShape = 'line' | 'dotted' | 'dashed' | 'upright' | 'block' | 'circle' | 'diamond' | 'cross';

/** One entry of a legend: the shape tells it as well as the colour. */
export function Key({
  shape,
  tone,
  children,
}: {
  readonly shape: KeyShape;
  readonly tone: string;
  readonly children: ComponentChildren;
}): VNode {
  return (
    <span class="key">
      <svg width="18" height="12" viewBox="0 0 18 12" class={`key-shape tone-${tone}`} aria-hidden="true">
        {keyShape(shape)}
      </svg>
      {children}
    </span>
  );
}

function keyShape(shape: KeyShape): VNode {
  switch (shape) {
    case 'block':
      return <rect x="3" y="1" width="12" height="10" fill="currentColor" opacity="0.6" />;
    case 'circle':
      return <circle cx="9" cy="6" r="3.5" fill="currentColor" />;
    case 'diamond':
      return <path d="M9 1.5 13.5 6 9 10.5 4.5 6Z" fill="none" stroke="currentColor" stroke-width="2" />;
    case 'cross':
      return <path d="M5.5 2.5l7 7M5.5 9.5l7-7" stroke="currentColor" stroke-width="1.5" fill="none" />;
    case 'upright':
      return <path d="M4 1v10M9 1v10M14 1v10" stroke="currentColor" stroke-width="1.2" fill="none" />;
    case 'line':
      return <path d="M1 6h16" stroke="currentColor" stroke-width="2" />;
    case 'dotted':
      return <path d="M1 6h16" stroke="currentColor" stroke-width="1.5" stroke-dasharray="1.5 2.5" />;
    case 'dashed':
      return <path d="M1 6h16" stroke="currentColor" stroke-width="1.5" stroke-dasharray="5 3" />;
  }
}
