import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { tags } from './schemas.ts';

/** GET /openapi.json, and what it is made from: to be registered before the routes. */
export async function describeRoutes(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    // The servers of the description are its readers’, not this process’s.
    stripBasePath: false,
    hideUntagged: true,
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'kube-e2etests',
        description: 'Proves, continuously, that a Kubernetes cluster still does its job',
        version: '1',
      },
      // Seen from this description, which may be below a path.
      servers: [{ url: './' }],
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'RUN_TOKEN, if set' } } },
    },
  });
  app.get('/openapi.json', { schema: { tags: tags.health, summary: 'This description' } }, async () => app.swagger());
}
