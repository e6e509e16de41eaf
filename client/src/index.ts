export { createProfileClient } from './client.js';
export type {
  ApiResponse,
  Profile,
  ProfileClient,
  ProfileClientOptions,
  ProfilePatch,
  ProfileWithEtag,
  ResponseData,
  SensitiveFieldName,
  StepUpRequest,
  UpdateOptions,
} from './client.js';
export { isProblem, ProblemError } from './problem.js';
export type { FieldError, Problem, ProblemCode, ProofKind, ProofRequirement } from './problem.js';
export type { components, operations, paths } from './generated/openapi.js';
