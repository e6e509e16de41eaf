// With Node 24.9 or later, jest allows jwks-rsa (CommonJS) to require jose (an ES module), but only once jose has been loaded.
import 'jose';
