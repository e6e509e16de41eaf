// From Node 24.9 on, jest lets jwks-rsa (CommonJS) require jose (an ES module), but only once jose is loaded.
import 'jose';
