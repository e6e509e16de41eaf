export { createProfileClient } from './client.js';
export type {
  Answer,
  Data,
  ProfileClient,
  ProfileClientOptions,
  ProfileOf,
  ProfilePatchOf,
  ReadProfile,
  StepUpRequest,
  UpdateOptions,
} from './client.js';
export { isProblem, ProblemError } from './problem.js';
export type { FieldError, Problem, ProblemCode, ProofKind, ProofNeed } from './problem.js';
export type { components, paths } from './generated/openapi.js';

import type { paths } from './generated/openapi.js';
import type { ProfileOf, ProfilePatchOf } from './client.js';

/** The profile document: every readable field of the catalogue by name, `null` when unset. */
export type Profile = ProfileOf<paths>;
/** A JSON Merge Patch of the writable fields. */
export type ProfilePatch = ProfilePatchOf<paths>;
