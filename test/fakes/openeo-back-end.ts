/**
 * The scriptable openEO back-end, as tests import it. Parts: openeo/ (server, discovery, credentials, catalogue, jobs,
 * federation, faults), profiles/ (drivers as they are in the field), synthetic-catalogue.ts (very many entries).
 */
export {
  CAPTIVE_PORTAL,
  deeplyNested,
  type Fault,
  tooManyRequests,
} from './openeo/faults.ts'
export { type BackEndOptions, startBackEnd } from './openeo/server.ts'
export type { FakeBackEnd, FakeJob, FakeUser, Profile, Verify } from './openeo/types.ts'
