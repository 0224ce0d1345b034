/** Every setting as data: what README's table, the manifests and the parser have in common. */
import type { Setting } from './setting.ts';
import { edgeSettings } from './settings-edge.ts';
import { memorySettings } from './settings-memory.ts';
import { notifySettings } from './settings-notify.ts';
import { runSettings } from './settings-runs.ts';
import { testSettings } from './settings-tests.ts';

export const table = {
  ...testSettings,
  ...runSettings,
  ...edgeSettings,
  ...memorySettings,
  ...notifySettings,
} as const;

export type SettingName = keyof typeof table;
export type SettingValue<Name extends SettingName> = ReturnType<(typeof table)[Name]['parse']>;

export interface SettingFacts {
  /** The environment variable. */
  readonly name: string;
  /** As one would write it; '' is unset. */
  readonly default: string;
  readonly unit?: string;
  readonly description: string;
  readonly example: string;
}

export const settings: readonly SettingFacts[] = Object.freeze(
  Object.entries(table).map(([name, setting]: [string, Setting<unknown>]) =>
    Object.freeze({
      name,
      default: setting.default,
      ...(setting.unit && { unit: setting.unit }),
      description: setting.description,
      example: setting.example,
    }),
  ),
);
