/** Puts a process on the clipboard as a node of a process graph, and says so. */
import type { Entry } from '../../preload/contract/catalogue.ts'
import type { App } from '../app/app.ts'
import { wireErrorOf } from '../app/bridge.svelte.ts'
import { copyText } from '../ui/clipboard.ts'
import { nodeText, processNode } from './graph-node.ts'

export async function copyNode(app: App, { document, key }: Pick<Entry, 'document' | 'key'>): Promise<void> {
  try {
    await copyText(nodeText(processNode(document, key)))
    app.toasts.say(`${key.id} is on the clipboard as a node. Replace what is marked with “…”.`)
  } catch (thrown) {
    app.toasts.say(wireErrorOf(thrown).message, { tone: 'bad' })
  }
}
