import { ScenarioError } from '../../sim/assert.ts';
import { bridgeAddressing } from '../../models/security/addressing.ts';
import type { Addressing } from '../../models/security/addressing.ts';
import { isJsonArray, isJsonObject, parseJson } from '../../scenarios/import/json-text.ts';
import type { JsonValue } from '../../scenarios/import/json-text.ts';
import { prefixRange } from '../../scenarios/import/nft-value.ts';
import type { ReplayPacket } from '../replay.ts';
import { goldenFile } from '../validation/golden-sequence.ts';
import { RecorderHost } from '../validation/recorder-host.ts';
import type { DecodeOptions } from '../../scenarios/capture/decode-packet.ts';
import { goldenTrace } from './golden-trace.ts';
import { readCapture } from '../../scenarios/capture/read-capture.ts';
import { Routes, readRoute } from './routes.ts';

export interface TraceOptions extends DecodeOptions {
  readonly file: string;
  /** Name of a sequence in a recorded file; null for the first. */
  readonly sequence: string | null;
  /** `NAME=PREFIX`: which addresses are behind which interface. */
  readonly interfaces: readonly string[];
}

/** A trace, ready to be replayed. */
export interface Trace {
  readonly packets: readonly ReplayPacket[];
  readonly addressing: Addressing;
  /** Time of the first packet since 1970. */
  readonly startNs: bigint;
  /** What did not become a packet, by cause. */
  readonly faults: Readonly<Record<string, number>>;
}

/** Reads a trace: pcap, pcapng, or the JSON of recorded sequences. */
export function readTrace(bytes: Uint8Array, options: TraceOptions): Trace {
  const capture = readCapture(bytes, options);
  if (capture === null) return readRecorded(new TextDecoder().decode(bytes), options);
  const routes = readRoutes(options.interfaces);
  const packets = capture.packets.map(({ timeNs, record, interface: captured, packet }) => {
    const behind = routes?.interfaceOf(packet.source) ?? '';
    const inInterface = behind === '' ? captured : behind;
    const outInterface = routes?.interfaceOf(packet.destination) ?? '';
    return { timeNs, record, passage: { inInterface, outInterface }, packet };
  });
  return {
    packets,
    addressing: routes ?? bridgeAddressing,
    startNs: capture.startNs,
    faults: capture.faults,
  };
}

function readRoutes(interfaces: readonly string[]): Routes | null {
  const routes = interfaces.map((text) => {
    const route = readRoute(text, (address, bits) => {
      const range = prefixRange(address, bits);
      return range?.kind === 'addresses' ? range : undefined;
    });
    if (route === undefined)
      throw refusal('--interface', `"${text}" is not understood`, 'NAME=PREFIX, such as int0=10.0.2.0/24');
    return route;
  });
  return routes.length === 0 ? null : new Routes(routes);
}

function readRecorded(text: string, { file, sequence }: TraceOptions): Trace {
  const document = parseJson(text);
  const wanted = 'pcap, pcapng, or the JSON of recorded sequences';
  if (!document.ok) throw refusal(`${file}:${document.line}`, `is no trace: ${document.message}`, wanted);
  const named = sequencesOf(document.value).find((one) => sequence === null || nameOf(one) === sequence);
  if (named === undefined) throw refusal(file, `has no sequence ${sequence ?? ''}`.trimEnd(), wanted);
  const parsed = goldenFile.safeParse([named]);
  const [first] = parsed.success ? parsed.data : [];
  if (first === undefined) throw refusal(file, 'has a sequence that is not understood', wanted);
  const { packets, skipped } = goldenTrace(first);
  const faults: Record<string, number> = skipped === 0 ? {} : { 'step-is-no-packet': skipped };
  return { packets, addressing: new RecorderHost(), startNs: 0n, faults };
}

function sequencesOf(value: JsonValue): readonly JsonValue[] {
  return isJsonArray(value) ? value : [value];
}

function nameOf(value: JsonValue): string | null {
  const name = isJsonObject(value) ? value['name'] : undefined;
  return typeof name === 'string' ? name : null;
}

function refusal(place: string, message: string, allowed: string): ScenarioError {
  return new ScenarioError([{ place, message, allowed }]);
}
