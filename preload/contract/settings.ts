/** Preferences, and what Swath remembers of its window. */
import { z } from 'zod'
import { SearchQuery } from './catalogue.ts'
import { call, feature } from './define.ts'

export const Settings = z.object({
  revision: z.number().int(),
  theme: z.enum(['system', 'light', 'dark']),
  /** `km2` or hectares for areas. */
  areaUnit: z.enum(['km2', 'ha']),
  /** Ask the system for its proxy, use none, or the address given. */
  proxy: z.object({
    mode: z.enum(['system', 'none', 'fixed']),
    /** Without user name and password: settings are no place for secrets. */
    url: z
      .string()
      .max(500)
      .refine((url) => !/^[a-z\d+.-]+:\/\/[^/]*@/i.test(url), 'holds a user name or password'),
  }),
  /** Cores that the embedded back-end may use for jobs; 0 is all but one. */
  localThreads: z.number().int().min(0).max(256),
})
export type Settings = z.infer<typeof Settings>

/** View state that survives a restart: panel sizes, what was open, where the map was. */
export const WindowMemory = z.object({
  feature: z.string().max(50),
  listWidthPx: z.number().min(0).max(4000),
  inspectorWidthPx: z.number().min(0).max(4000),
  drawerHeightPx: z.number().min(0).max(4000),
  isListOpen: z.boolean(),
  isInspectorOpen: z.boolean(),
  isDrawerOpen: z.boolean(),
  drawerTab: z.string().max(50),
  view: z.object({
    longitude: z.number(),
    latitude: z.number(),
    zoom: z.number().min(0).max(24),
  }),
  /** The last search of the catalogue; `areaTitle` names where its box came from. Absent: none yet. */
  catalogue: SearchQuery.omit({ offset: true, limit: true })
    .extend({ areaTitle: z.string().max(300) })
    .optional(),
})
export type WindowMemory = z.infer<typeof WindowMemory>

export const settings = feature({
  calls: {
    get: call(z.void(), Settings),
    change: call(Settings.omit({ revision: true }).partial(), Settings),
    windowMemory: call(z.void(), WindowMemory.nullable()),
    rememberWindow: call(WindowMemory, z.void()),
  },
  events: { changed: Settings },
})
