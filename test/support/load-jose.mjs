// From Node 24.9 on, jest lets CommonJS jwks-rsa require jose as the ES module it is, but not while that is being loaded.
import 'jose';
