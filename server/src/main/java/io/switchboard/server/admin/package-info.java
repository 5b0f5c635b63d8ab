/// What an administrator may see and do over HTTP on the admin listener.
@NullMarked
package io.switchboard.server.admin;

import org.jspecify.annotations.NullMarked;
