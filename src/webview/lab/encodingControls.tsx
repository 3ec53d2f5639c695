import type { VNode } from 'preact';
import type { EncoderOffer } from '../../core/protocol/engineProtocol';
import { Dropdown } from '../controls';
import { strings } from '../strings';
import { Busy } from './busy';
import { Slider } from './slider';
import type { Encoding } from './useEncoding';

export interface EncodingControlsProps {
  readonly encoding: Encoding;
  readonly offer: EncoderOffer;
  /** whether the encoder has layers at all: word vectors do not */
  readonly hasLayers: boolean;
  readonly onCancel: () => void;
}

/** Poolings that name their own layers. */
const NAMES_ITS_LAYERS = ['first-last', 'last-2'];

/** Layer and pooling: what the vectors are, before anything happens to them. */
export function EncodingControls({ encoding, offer, hasLayers, onCancel }: EncodingControlsProps): VNode {
  const { reading, isSettling, error, choose } = encoding;
  const { layerCount, poolings, ownPooling } = offer;
  const layer = layerCount === null ? null : reading.layer === 'last' ? layerCount : Number(reading.layer);
  const isOther = ownPooling !== null && reading.pooling !== ownPooling && layer === layerCount;
  return (
    <div class="lab-row" data-lab-row="encoding" data-settling={String(isSettling)}>
      <div class="control">
        <label for="pooling">{strings.poolingLabel}</label>
        <Dropdown
          id="pooling"
          label={strings.poolingLabel}
          value={reading.pooling}
          options={poolings.map((pooling) => ({
            value: pooling,
            label: strings.poolingName(pooling, pooling === ownPooling),
          }))}
          onChange={(pooling) => {
            if (pooling === reading.pooling) return;
            const isFixed = NAMES_ITS_LAYERS.includes(pooling) || pooling === 'pooler';
            choose({ layer: isFixed ? 'last' : reading.layer, pooling });
          }}
        />
        {isSettling && <Busy onCancel={onCancel} />}
      </div>
      {layer !== null && layerCount !== null && !NAMES_ITS_LAYERS.includes(reading.pooling) && (
        <Slider
          parameter="layer"
          label={strings.layerLabel}
          title={strings.layerTitle}
          min={0}
          max={layerCount}
          position={layer}
          text={strings.layerValue(layer, layerCount)}
          onPass={() => undefined}
          onChoose={(position) => choose({ ...reading, layer: position === layerCount ? 'last' : position })}
        />
      )}
      {layerCount === null && hasLayers && <p class="remark">{strings.lastLayerOnly}</p>}
      {isOther && (
        <p class="remark" data-other-pooling>
          {strings.otherPooling(ownPooling)}
        </p>
      )}
      {error !== null && (
        <p class="lab-error" role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
