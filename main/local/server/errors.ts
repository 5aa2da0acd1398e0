/**
 * The errors that this back-end answers with, one constructor for each.
 * Owns: codes, statuses and sentences. Standard codes and statuses: openEO API 1.2.0, errors.json. The API has none for
 * malformed requests, ranges and hosts; those codes are this back-end's own, and listed in OWN_CODES.
 */
import { AppError } from '../../core/errors.ts'
import { OpeneoError } from '../openeo-error.ts'

/** Codes beside those of the specification, with their HTTP status. */
export const OWN_CODES = {
  RequestInvalid: 400,
  MethodNotAllowed: 405,
  RequestTooLarge: 413,
  RangeNotSatisfiable: 416,
  HostInvalid: 421,
} as const

const own = (code: keyof typeof OWN_CODES, message: string) => new OpeneoError(OWN_CODES[code], code, message)

export const requestInvalid = (message: string) => own('RequestInvalid', message)
export const methodNotAllowed = (allowed: readonly string[]) =>
  own('MethodNotAllowed', `This address answers to ${allowed.join(', ')} only.`)
export const requestTooLarge = (mostBytes: number) =>
  own('RequestTooLarge', `The request is larger than the ${Math.floor(mostBytes / 1e6)} MB that are accepted.`)
export const rangeNotSatisfiable = (sizeBytes: number) =>
  own('RangeNotSatisfiable', `The file has ${sizeBytes} bytes; the range lies outside.`)
export const hostInvalid = () => own('HostInvalid', 'The back-end answers under its loopback address only.')

export const notFound = () => new OpeneoError(404, 'NotFound', 'There is nothing at this address.')
export const requestTimeout = () =>
  new OpeneoError(408, 'RequestTimeout', 'The request took too long. Use a batch job for long computations.')
export const busy = () =>
  new OpeneoError(503, 'InfrastructureBusy', 'Too many computations are waiting already. Try again later.')
export const contentTypeInvalid = () =>
  new OpeneoError(400, 'ContentTypeInvalid', 'The body has another media type than the one accepted: application/json.')

export const authenticationRequired = () =>
  new OpeneoError(401, 'AuthenticationRequired', 'This address needs an access token.')
export const schemeInvalid = () =>
  new OpeneoError(403, 'AuthenticationSchemeInvalid', 'This way of authentication is not offered here.')
export const tokenInvalid = () =>
  new OpeneoError(403, 'TokenInvalid', 'The access token or signature is not valid, or not any more.')
export const credentialsInvalid = () =>
  new OpeneoError(403, 'CredentialsInvalid', 'The user name or the password is not right.')

export const collectionNotFound = (id: string) =>
  new OpeneoError(404, 'CollectionNotFound', `There is no collection '${id}'.`)
export const jobNotFound = (id: string) => new OpeneoError(404, 'JobNotFound', `There is no batch job '${id}'.`)
export const fileNotFound = (name: string) => new OpeneoError(404, 'FileNotFound', `There is no file '${name}'.`)
export const jobLocked = () =>
  new OpeneoError(400, 'JobLocked', 'The batch job is queued or running; stop it before changing it.')
export const jobNotFinished = () =>
  new OpeneoError(400, 'JobNotFinished', 'The batch job has no results yet: it is still queued or running.')
export const jobNotStarted = () =>
  new OpeneoError(400, 'JobNotStarted', 'The batch job has no results: it has not been started.')
export const resultLinkExpired = () =>
  new OpeneoError(410, 'ResultLinkExpired', 'The link has expired. Request the results again for new links.')
export const noDataForUpdate = () => new OpeneoError(400, 'NoDataForUpdate', 'The request changes nothing.')
export const propertyNotEditable = (name: string) =>
  new OpeneoError(400, 'PropertyNotEditable', `The property '${name}' cannot be changed.`)
export const processInvalid = (message: string) => new OpeneoError(400, 'ProcessInvalid', message)
export const processGraphMissing = () =>
  new OpeneoError(400, 'ProcessGraphMissing', 'The process has no process graph.')
export const billingPlanInvalid = () =>
  new OpeneoError(400, 'BillingPlanInvalid', 'There are no billing plans on this back-end.')
export const budgetInvalid = () => new OpeneoError(400, 'BudgetInvalid', 'The budget must be a number from 0, or null.')

/** Codes of the application's own failures in the words of the API. */
function fromAppError(failure: AppError): OpeneoError {
  switch (failure.code) {
    case 'disk-full':
    case 'read-only':
      return new OpeneoError(500, 'StorageFailure', failure.message)
    case 'canceled':
      return requestTimeout()
    default:
      return new OpeneoError(500, 'Internal', failure.message)
  }
}

/**
 * Any failure as one that can be answered. What nobody expected says nothing of itself; the log has it under the id.
 */
export function asOpeneoError(failure: unknown): OpeneoError {
  if (failure instanceof OpeneoError) return failure
  if (failure instanceof AppError) return fromAppError(failure)
  return new OpeneoError(500, 'Internal', 'The back-end met an error that it does not know.')
}
