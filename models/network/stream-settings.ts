import type { TcpSettings } from './tcp-settings.ts';

/** How fluid streams share, and what TCP their ends have. */
export interface StreamSettings {
  /** Over which packet demand is averaged, and after which links are looked at anew. */
  readonly intervalNs: number;
  readonly age: TcpSettings['age'];
  /** Whether connections begin with their initial window, or as fast as their path. */
  readonly start: 'slow-start' | 'at-once';
}
