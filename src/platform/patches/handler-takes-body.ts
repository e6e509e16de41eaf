import { ROUTE_ARGS_METADATA, RouteParamtypes } from '@nestjs/common/internal';

/**
 * Whether a controller's method has a `@Body()` parameter.
 *
 * Relies on the metadata of Nest's parameter decorators: `ROUTE_ARGS_METADATA` of the class and method is an object
 * whose keys are `<RouteParamtypes>:<index of the parameter>`. Nest exports both names from `@nestjs/common/internal`,
 * for its own packages.
 */
export function handlerTakesBody(controller: object, method: string): boolean {
  const parameters: object = Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, method) ?? {};
  return Object.keys(parameters).some((key) => key.startsWith(`${RouteParamtypes.BODY}:`));
}
