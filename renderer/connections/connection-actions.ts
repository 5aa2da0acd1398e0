/** What can be done with a connection, and the ways to a new one. */
import ArrowDown from '@lucide/svelte/icons/arrow-down'
import ArrowUp from '@lucide/svelte/icons/arrow-up'
import BookOpen from '@lucide/svelte/icons/book-open'
import Copy from '@lucide/svelte/icons/copy'
import ExternalLink from '@lucide/svelte/icons/external-link'
import FolderTree from '@lucide/svelte/icons/folder-tree'
import LogIn from '@lucide/svelte/icons/log-in'
import LogOut from '@lucide/svelte/icons/log-out'
import Pencil from '@lucide/svelte/icons/pencil'
import Plus from '@lucide/svelte/icons/plus'
import Power from '@lucide/svelte/icons/power'
import PowerOff from '@lucide/svelte/icons/power-off'
import RefreshCw from '@lucide/svelte/icons/refresh-cw'
import Trash from '@lucide/svelte/icons/trash-2'
import UserPlus from '@lucide/svelte/icons/user-plus'
import X from '@lucide/svelte/icons/x'
import type { Connection } from '../../preload/contract/connections.ts'
import type { Action } from '../app/actions.svelte.ts'
import type { App } from '../app/app.ts'
import { copyText } from '../ui/clipboard.ts'
import { addingOf } from './add/add.svelte.ts'
import { browseCatalogue } from './browse-catalogue.ts'
import { connectionDataOf } from './connection-data.svelte.ts'
import { canSignIn, isOpeneo } from './connection-words.ts'
import { type ConnectionsPage, connectionsPageOf } from './connections.svelte.ts'
import { openOutside } from './open-outside.ts'
import { webAddress } from './web-address.ts'

const group = 'Connections'
type Subject = { app: App; page: ConnectionsPage; connection: Connection; id: string }

/** To be called once at start: state made while actions are derived would not be followed. */
export function provideConnectionActions(app: App): void {
  connectionsPageOf(app)
  connectionDataOf(app)
  addingOf(app)
  app.actions.provide(() => [
    {
      id: 'connections.add',
      title: 'Add connection',
      icon: Plus,
      group,
      keywords: 'connect back-end openeo stac s3 destine account url',
      run: () => {
        app.shell.open('connections')
        addingOf(app).open()
      },
    },
    ...signInAnywhere(app),
  ])
  app.actions.provideFor('connection', (id) => connectionActions(app, id))
}

/** In the palette, whatever is selected. */
function signInAnywhere(app: App): Action[] {
  const selected = app.selection.idsOf('connection')
  return app.stores.connections.all
    .filter((one) => one.state === 'connected' && needsFirst(one) && !selected.includes(one.id))
    .map((one) => ({
      id: `connections.sign-in.${one.id}`,
      title: `Sign in to ${one.title}`,
      icon: LogIn,
      group,
      keywords: 'log in',
      run: () => connectionsPageOf(app).show(one.id, true),
    }))
}

function connectionActions(app: App, id: string): Action[] {
  const connection = app.stores.connections.get(id)
  if (!connection) return []
  const subject = { app, page: connectionsPageOf(app), connection, id }
  return [
    ...signInActions(subject),
    ...useActions(subject),
    ...signOutActions(subject),
    ...linkActions(subject),
    ...(connection.kind === 'embedded' ? [] : careActions(subject)),
    ...orderActions(subject),
  ]
}

/** The next step where it is one; a back-end that does not answer takes no sign-in. */
function signInActions({ page, connection, id }: Subject): Action[] {
  if (!needsFirst(connection) || connection.state !== 'connected') return []
  return [
    {
      id: 'connections.sign-in',
      title: connection.signIn === 'expired' ? 'Sign in again' : 'Sign in',
      icon: LogIn,
      group,
      isInPage: true,
      isPrimary: true,
      keywords: 'log in',
      run: () => page.show(id, true),
    },
  ]
}

function signOutActions({ page, connection, id }: Subject): Action[] {
  if (!canSignIn(connection)) return []
  const { signIn, pendingSignIn } = connection
  if (pendingSignIn || signIn === 'signing-in')
    return [
      {
        id: 'connections.cancel-sign-in',
        title: 'Cancel sign-in',
        icon: X,
        group,
        isInPage: true,
        run: () => page.cancelSignIn(id),
      },
    ]
  if (signIn === 'signed-in')
    return [
      {
        id: 'connections.sign-out',
        title: 'Sign out',
        icon: LogOut,
        group,
        isInPage: true,
        isEnabled: !page.isBusy(id, 'sign-out'),
        keywords: 'log out',
        run: () => page.signOut(id),
      },
    ]
  return []
}

function useActions({ app, page, connection, id }: Subject): Action[] {
  const { state, kind } = connection
  const actions: Action[] = []
  if (isOpeneo(connection))
    actions.push({
      id: 'connections.browse',
      title: 'Browse its catalogue',
      icon: BookOpen,
      group,
      isPrimary: state === 'connected' && !needsFirst(connection) && connection.signIn !== 'signing-in',
      run: () => browseCatalogue(app, id),
    })
  actions.push({
    id: 'connections.reconnect',
    title: 'Connect again',
    icon: RefreshCw,
    group,
    isPrimary: state === 'failed' && !connection.refusedCertificate,
    isEnabled: !page.isBusy(id, 'reconnect') && state !== 'connecting' && state !== 'disabled',
    keywords: 'reconnect refresh',
    run: () => page.reconnect(id),
  })
  if (kind === 'embedded')
    actions.push({
      id: 'connections.local',
      title: 'Local data',
      icon: FolderTree,
      group,
      run: () => app.shell.open('local'),
    })
  return actions
}
const needsFirst = (connection: Connection) =>
  canSignIn(connection) && (connection.signIn === 'signed-out' || connection.signIn === 'expired')

/** Documentation and terms, as the back-end links them; known once its page was open. */
function linkActions({ app, connection, id }: Subject): Action[] {
  const details = connectionDataOf(app).details.of(id).value
  const wanted = /^(about|describedby|help|service-doc|documentation|service-desc|terms-of-service|privacy-policy)$/
  const links = (details?.links ?? []).filter(({ rel, href }) => wanted.test(rel) && webAddress(href)).slice(0, 8)
  return [
    {
      id: 'connections.copy-address',
      title: 'Copy address',
      icon: Copy,
      group,
      keywords: 'url',
      run: async () => {
        await copyText(connection.url)
        app.toasts.say('Address copied.')
      },
    },
    ...links.map(({ href, title, rel }, index) => ({
      id: `connections.link.${index}`,
      title: `Open ${title || rel.replaceAll('-', ' ')}`,
      icon: ExternalLink,
      group,
      keywords: `${rel} documentation`,
      run: () => openOutside(app, href),
    })),
  ]
}

function careActions({ app, page, connection, id }: Subject): Action[] {
  const isOff = connection.state === 'disabled'
  return [
    ...(connection.kind === 'openeo'
      ? [
          {
            id: 'connections.add-account',
            title: 'Add another account',
            icon: UserPlus,
            group,
            isInPage: connection.signIn === 'signed-in',
            isEnabled: !page.isBusy(id, 'add-account'),
            run: () => page.addAccount(id),
          },
        ]
      : []),
    {
      id: 'connections.rename',
      title: 'Rename connection',
      icon: Pencil,
      group,
      shortcut: 'F2',
      run: () => {
        app.shell.open('connections')
        page.renaming = id
      },
    },
    {
      id: 'connections.switch',
      title: isOff ? 'Switch connection on' : 'Switch connection off',
      icon: isOff ? Power : PowerOff,
      group,
      isEnabled: !page.isBusy(id, 'update'),
      keywords: 'enable disable',
      run: () => page.setDisabled(id, !isOff),
    },
    {
      id: 'connections.remove',
      title: 'Remove connection',
      icon: Trash,
      group,
      shortcut: 'Delete',
      isDangerous: true,
      run: () => {
        app.shell.open('connections')
        page.removing = id
      },
    },
  ]
}

function orderActions({ page, id }: Subject): Action[] {
  const move = (step: -1 | 1) => ({
    id: step < 0 ? 'connections.up' : 'connections.down',
    title: step < 0 ? 'Move up in the list' : 'Move down in the list',
    icon: step < 0 ? ArrowUp : ArrowDown,
    group,
    shortcut: step < 0 ? 'Alt+ArrowUp' : 'Alt+ArrowDown',
    isEnabled: page.neighbour(id, step) !== undefined,
    run: () => page.moveBy(id, step),
  })
  return [move(-1), move(1)]
}
