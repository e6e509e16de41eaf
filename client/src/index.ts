export { createProfileClient } from './client.js';
export type {
  ApiResponse,
  ProfileClient,
  ProfileClientOptions,
  ProfileOf,
  ProfilePatchOf,
  ProfileWithEtag,
  ResponseData,
  StepUpRequest,
  UpdateOptions,
} from './client.js';
export { isProblem, ProblemError } from './problem.js';
export type { FieldError, Problem, ProblemCode, ProofKind, ProofRequirement } from './problem.js';
export type { components, paths } from './generated/openapi.js';

import type { paths } from './generated/openapi.js';
import type { ProfileOf, ProfilePatchOf } from './client.js';

/** The profile document: the readable fields by name, `null` when unset. */
export type Profile = ProfileOf<paths>;
/** A JSON Merge Patch of the writable fields. */
export type ProfilePatch = ProfilePatchOf<paths>;
