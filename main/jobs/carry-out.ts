/**
 * Carries out one step of one job at its back-end and writes down what came of it.
 * Owns: the order of row and request. Does not: decide when (follow.ts) or which step (next-step.ts).
 * A failure that may pass is thrown as it came; what the back-end says about the job itself becomes its state.
 */
import type { JobLog } from '../../preload/contract/jobs.ts'
import { type Clock, instant } from '../core/clock.ts'
import { AppError } from '../core/errors.ts'
import type { Log } from '../core/log.ts'
import { type FederationDialect, forceMember } from '../protocols/forced-member.ts'
import type { OpeneoSession } from '../protocols/openeo.ts'
import * as openeo from '../protocols/openeo.ts'
import { isFollowedByList } from './found-jobs.ts'
import type { JobRow } from './job-row.ts'
import { progressFrom, stateFrom } from './job-status.ts'
import type { JobStore } from './job-store.ts'
import { lostStart, type Told } from './lost-start.ts'
import { isFinal } from './next-poll.ts'
import type { NextStep } from './next-step.ts'

type Needs = {
  store: JobStore
  clock: Clock
  log: Log
  session: (connectionId: string) => OpeneoSession
  /** How the federation behind a connection is spoken to. */
  dialect: (connectionId: string) => Promise<FederationDialect>
}

/** The words by which a job is found again at the back-end. */
const description = (row: JobRow) => `Sent by Swath (${row.tag})`
const MOST_SEARCHED = 50
/** Rows that are written without giving way: some milliseconds. */
const LOGS_AT_ONCE = 500
/** Looks after which a job that was started and is still told as `created` is taken as stopped. */
const MOST_LOOKS_AT_CREATED = 30
const LEVELS: readonly string[] = ['error', 'warning', 'info', 'debug']

export function createSteps({ store, clock, log, session, dialect }: Needs) {
  const now = () => instant(clock.now())
  const isNotFound = (failure: unknown) => failure instanceof AppError && failure.code === 'not-found'

  async function create(row: JobRow): Promise<void> {
    const member = row.federation_member
    // asked for before the row says that something is being sent
    const forced = member === null ? null : forceMember(JSON.parse(row.graph), member, await dialect(row.connection_id))
    store.change(row.id, { state: 'sending' })
    try {
      const remoteId = await openeo.createJob(session(row.connection_id), {
        title: row.title,
        description: description(row),
        ...(forced ?? { graph: JSON.parse(row.graph) }),
      })
      store.change(row.id, {
        state: 'created',
        remote_id: remoteId,
        start_from: noted({ status: 'created', updated: null }),
      })
    } catch (failure) {
      // refused for good: nothing was made at the back-end, and sending the same again would be refused again
      if (!isRefusal(failure)) throw failure
      store.change(row.id, { state: 'error', ended_at: now(), error_message: failure.message }, 'all')
    }
  }

  /** After a crash or a lost answer: was the job made? */
  async function find(row: JobRow): Promise<void> {
    const match = await findByTag(row)
    // it may have been started by other means since: as after a lost answer, it is looked at before it is started
    const isPerhapsStarted = { start_tried_at: now(), start_from: noted({ status: 'created', updated: null }) }
    if (match) store.change(row.id, { state: stateFrom(match.status), remote_id: match.id, ...isPerhapsStarted })
    else store.change(row.id, { state: 'waiting' })
  }

  async function findByTag(row: JobRow): Promise<openeo.RemoteJob | undefined> {
    const list = await openeo.jobList(session(row.connection_id))
    const { jobs: remote } = list
    const match = remote.find((candidate) => candidate.description.includes(row.tag))
    if (match) return match
    // some back-ends leave the description out of the list
    const silent = remote.filter((candidate) => candidate.description === '' && candidate.title === row.title)
    for (const { id } of silent.slice(-MOST_SEARCHED)) {
      const whole = await openeo.job(session(row.connection_id), id)
      if (whole.description.includes(row.tag)) return whole
    }
    assertWhole(list, row)
    return undefined
  }

  async function start(row: JobRow, remoteId: string): Promise<void> {
    const isTried = row.start_tried_at !== null
    let before = row.start_from === null ? null : (JSON.parse(row.start_from) as Told)
    if (isTried || before === null) {
      const known = await ask(row, remoteId)
      if (!known) return gone(row)
      if (isTried && hasStarted(row, before, known)) return started(row)
      before = known
      // something else may have been asked for meanwhile
      if (store.peek(row.id)?.wants !== 'start') return
    }
    store.change(row.id, { start_tried_at: now(), start_from: noted(before) })
    try {
      await openeo.startJob(session(row.connection_id), remoteId)
    } catch (failure) {
      if (isNotFound(failure)) return gone(row)
      if (isTurnedAway(failure)) store.change(row.id, { start_tried_at: null, start_from: null })
      if (!isRefusal(failure)) throw failure
      // it may run already, because an earlier answer was lost: the job itself knows
      const known = await openeo.job(session(row.connection_id), remoteId)
      if (stateFrom(known.status) === 'created') {
        store.change(row.id, { state: 'error', ended_at: now(), error_message: failure.message }, 'all')
        return
      }
    }
    started(row)
  }

  /** Followed from here on: the next look tells how far it is, or how it has ended. */
  function started(row: JobRow): void {
    store.change(row.id, { state: 'queued', poll_count: 0, started_at: null, ended_at: null }, 'start')
  }

  function hasStarted(row: JobRow, before: Told | null, known: Told): boolean {
    const verdict = lostStart(before, known)
    if (verdict === 'unknown')
      log.warn('Whether a start has reached its job cannot be told: it is not sent again', {
        job: row.id,
        status: stateFrom(known.status),
      })
    return verdict !== 'not-started'
  }

  /** The job as its back-end tells it; undefined where it has lost it. */
  async function ask(row: JobRow, remoteId: string): Promise<openeo.RemoteJob | undefined> {
    try {
      const known = await openeo.job(session(row.connection_id), remoteId)
      // the list that told of a job leaves its graph out
      if (row.graph === '{}' && known.graph) store.change(row.id, { graph: JSON.stringify(known.graph) })
      return known
    } catch (failure) {
      if (isNotFound(failure)) return undefined
      throw failure
    }
  }

  async function cancel(row: JobRow, remoteId: string): Promise<void> {
    await openeo.cancelJob(session(row.connection_id), remoteId).catch((failure) => {
      if (!isRefusal(failure) && !isNotFound(failure)) throw failure
    })
    store.change(row.id, {}, 'cancel')
    await look({ ...row, wants: null }, remoteId, true)
  }

  async function remove(row: JobRow, remoteId: string): Promise<void> {
    await openeo.deleteJob(session(row.connection_id), remoteId).catch((failure) => {
      if (!isNotFound(failure)) throw failure
    })
    // a list that was made before goes on naming it, and some back-ends remove nothing (EODC answers 202)
    store.dismiss(row)
  }

  async function look(row: JobRow, remoteId: string, wasCanceled = false): Promise<void> {
    const remote = await ask(row, remoteId)
    if (!remote) return gone(row)
    const state = stateOf(remote.status, row, wasCanceled)
    const hasChanged = state !== row.state
    // logs that cannot be read hide no state: they are asked for again with the next look
    await readLogs(row, remoteId).catch((failure) => log.info('The log of a job could not be read', { failure }))
    store.change(row.id, {
      state,
      progress: progressFrom(remote.progress, state),
      poll_count: hasChanged ? 0 : row.poll_count + 1,
      ...(state === 'running' && row.started_at === null ? { started_at: now() } : {}),
      ...(isFinal(state) ? { ended_at: row.ended_at ?? now() } : {}),
      error_message: state === 'error' ? (store.lastError(row.id) ?? 'The back-end gives no reason.') : null,
    })
  }

  async function readLogs(row: JobRow, remoteId: string): Promise<void> {
    const last = store.lastLogId(row.id)
    // entries without an id are numbered here: the back-end does not know such a number, so it is asked for all
    const after = last?.startsWith('#') ? null : last
    const entries = await openeo.jobLogs(session(row.connection_id), remoteId, after)
    const known = entries.map((entry) => ({
      ...entry,
      level: (LEVELS.includes(entry.level) ? entry.level : 'info') as JobLog['level'],
    }))
    for (let from = 0; from < known.length; from += LOGS_AT_ONCE) {
      if (from > 0) await new Promise((resolve) => setImmediate(resolve))
      store.addLogs(row.id, known.slice(from, from + LOGS_AT_ONCE))
    }
  }

  function gone(row: JobRow): void {
    store.change(row.id, { state: 'gone', ended_at: row.ended_at ?? now() }, 'all')
  }

  return async function carryOut(step: NextStep, row: JobRow): Promise<void> {
    const remoteId = row.remote_id ?? ''
    switch (step.do) {
      case 'create':
        return create(row)
      case 'find':
        return find(row)
      case 'start':
        return start(row, remoteId)
      case 'cancel':
        return cancel(row, remoteId)
      case 'remove':
        return remove(row, remoteId)
      case 'look':
        return look(row, remoteId)
      case 'nothing':
        return undefined
    }
  }
}

/**
 * Only a whole list tells that a job was not made: of another one it is not known, and making it again could double it.
 * @throws AppError where it is not whole: a page could not be read, or members of a federation are missing from it
 */
function assertWhole({ failure, missing }: openeo.RemoteJobList, row: JobRow): void {
  const asked = row.federation_member
  const lacksIt = asked === null ? missing.length > 0 : missing.includes(asked)
  if (failure === null && !lacksIt) return
  const [gap, cause] = lacksIt ? [`without ${missing.join(', ')}`, undefined] : ['only in part', failure]
  throw new AppError(
    'back-end',
    `Whether the job was made at the back-end is not known yet: its list of jobs came ${gap}. The job is not sent again before that is known.`,
    { retry: 'later', cause },
  )
}

/** The back-end understood and said no: trying the same again helps nobody. */
function isRefusal(failure: unknown): failure is AppError {
  const refusals: readonly AppError['code'][] = ['invalid-input', 'forbidden', 'conflict', 'quota']
  return failure instanceof AppError && refusals.includes(failure.code)
}

/** Answered before the request was looked at: it has done nothing. */
function isTurnedAway(failure: unknown): boolean {
  return failure instanceof AppError && (failure.code === 'signed-out' || failure.code === 'rate-limited')
}

/** A row's note of what was told of a job, without what else came with it. */
const noted = ({ status, updated }: Told) => JSON.stringify({ status: status ?? null, updated })

type StateRow = Pick<JobRow, 'state' | 'poll_count' | 'origin' | 'wants' | 'wants_results' | 'removed_at'>
/** What the back-end's word means for a job; one that was started from here may not be told so at once. Pure. */
function stateOf(status: unknown, row: StateRow, wasCanceled: boolean): JobRow['state'] {
  const told = stateFrom(status)
  if (isFollowedByList(row)) return told
  if (told !== 'created' || row.state === 'created') return told
  // a job that is stopped goes back to `created`; one that was just started may be told so for a while
  const isStopped = wasCanceled || row.state === 'running' || row.poll_count >= MOST_LOOKS_AT_CREATED
  return isStopped ? 'canceled' : 'queued'
}
