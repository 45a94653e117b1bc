dnl The extension is a Rust crate: configure finds cargo, and make calls it (Makefile.frag).

PHP_ARG_ENABLE([swoole],
  [whether to enable swoole],
  [AS_HELP_STRING([--enable-swoole], [Enable the swoole extension])],
  [yes])

if test "$PHP_SWOOLE" != "no"; then
  PHP_SWOOLE_PATH=$PATH:${CARGO_HOME:-$HOME/.cargo}/bin
  AC_PATH_PROG([CARGO], [cargo], [no], [$PHP_SWOOLE_PATH])
  if test "$CARGO" = "no"; then
    AC_MSG_ERROR([cargo not found: install Rust 1.88 or newer (Debian 12: rustc-web and cargo-web)])
  fi
  AC_PATH_PROG([RUSTC], [rustc], [no], [$PHP_SWOOLE_PATH])
  AC_MSG_CHECKING([for Rust 1.88 or newer])
  SWOOLE_RUST=`$RUSTC --version | sed 's/^rustc \([[0-9.]]*\).*/\1/'`
  SWOOLE_RUST_MINOR=`echo "$SWOOLE_RUST" | cut -d. -f2`
  if test "0$SWOOLE_RUST_MINOR" -lt 88; then
    AC_MSG_ERROR([found $SWOOLE_RUST])
  fi
  AC_MSG_RESULT([$SWOOLE_RUST])

  AC_MSG_CHECKING([for PHP 8.2, 8.3 or 8.4 without thread safety])
  SWOOLE_PHP=`$PHP_CONFIG --version`
  case $SWOOLE_PHP in
    8.2.*|8.3.*|8.4.*) ;;
    *) AC_MSG_ERROR([found PHP $SWOOLE_PHP]) ;;
  esac
  if test "$PHP_THREAD_SAFETY" = "yes"; then
    AC_MSG_ERROR([found a PHP with thread safety (ZTS)])
  fi
  AC_MSG_RESULT([$SWOOLE_PHP])

  # What cargo's build scripts are told has to be a path.
  SWOOLE_PHP_CONFIG=`command -v $PHP_CONFIG`
  SWOOLE_PHP_BINARY=`$PHP_CONFIG --php-binary`
  PHP_SUBST([CARGO])
  PHP_SUBST([RUSTC])
  PHP_SUBST([SWOOLE_PHP_CONFIG])
  PHP_SUBST([SWOOLE_PHP_BINARY])
  PHP_MODULES="$PHP_MODULES \$(phplibdir)/swoole.so"
  PHP_ADD_BUILD_DIR([modules])
  PHP_ADD_MAKEFILE_FRAGMENT([$abs_srcdir/Makefile.frag], [$abs_srcdir], [$abs_builddir])
  AC_DEFINE([HAVE_SWOOLE], [1], [Whether the swoole extension is built])
fi
