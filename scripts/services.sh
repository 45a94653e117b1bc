# Sourced by test: the servers that areas of the tests ask for, private to one run. Everything they own is in
# $RUN; they listen on unix sockets there and on free loopback ports, and end with the run.
# shellcheck shell=bash

SERVICE_PIDS=()

# Runs a server in the background and remembers it. $1 names its log.
launch() {
    local log=$RUN/$1.log
    shift
    "$@" >"$log" 2>&1 </dev/null &
    SERVICE_PIDS+=($!)
}

# Root starts a database as that database's own user; anybody else starts it as himself.
as_user() {
    local user=$1
    shift
    if [ "$(id -u)" = 0 ]; then exec setpriv --reuid="$user" --regid="$user" --clear-groups "$@"; else exec "$@"; fi
}

owned_by() { if [ "$(id -u)" = 0 ]; then chown -R "$1:" "$2"; fi; }

# until_true SECONDS COMMAND…
until_true() {
    local tries=$(($1 * 20))
    shift
    until "$@" >/dev/null 2>&1; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || return 1
        sleep 0.05
    done
}

free_port() {
    "$PHP" -n -r '$s = stream_socket_server("tcp://127.0.0.1:0"); echo explode(":", stream_socket_get_name($s, false))[1];'
}

port_answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# A module of PHP; a PHP of one's own brings its own.
want_module() {
    if [ -z "${PHP_CONFIG:-}" ] || [ "$PHP_CONFIG" = "$(command -v php-config)" ]; then
        want_file "/usr/lib/php/*/$1.so" "php$PHP_VERSION-$1"
    fi
}

start_mariadb() {
    local dir=$RUN/mariadb
    export TEST_MYSQL_SOCKET=$RUN/sockets/mysql TEST_MYSQL_HOST=127.0.0.1 TEST_MYSQL_USER=swoole \
        TEST_MYSQL_PASSWORD=swoole TEST_MYSQL_DATABASE=swoole
    TEST_MYSQL_PORT=$(free_port)
    export TEST_MYSQL_PORT
    mkdir -p "$dir"
    # It offers TLS, as servers do; who does not ask for it is served without.
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout "$dir.key" -out "$dir.crt" \
        >"$RUN/mariadb-install.log" 2>&1 || die "openssl failed (log: $RUN/mariadb-install.log)"
    owned_by mysql "$dir"
    owned_by mysql "$dir.key"
    local user=()
    [ "$(id -u)" != 0 ] || user=(--user=mysql)
    mariadb-install-db --no-defaults "${user[@]}" --datadir="$dir" --auth-root-authentication-method=normal \
        --skip-test-db >>"$RUN/mariadb-install.log" 2>&1 || die "mariadb-install-db failed (log: $RUN/mariadb-install.log)"
    launch mariadb mariadbd --no-defaults "${user[@]}" --datadir="$dir" --socket="$TEST_MYSQL_SOCKET" \
        --bind-address="$TEST_MYSQL_HOST" --port="$TEST_MYSQL_PORT" --pid-file="$dir/pid" \
        --ssl-cert="$dir.crt" --ssl-key="$dir.key" --skip-name-resolve --max-connections=500 --innodb-flush-log-at-trx-commit=0 --innodb-buffer-pool-size=64M
    until_true 60 mariadb-admin --no-defaults -S "$TEST_MYSQL_SOCKET" -uroot ping || die "mariadbd did not start"
    mariadb --no-defaults -S "$TEST_MYSQL_SOCKET" -uroot <<-SQL || die "mariadb refused the test account"
		CREATE DATABASE swoole;
		CREATE USER swoole@localhost IDENTIFIED BY 'swoole';
		CREATE USER swoole@'127.0.0.1' IDENTIFIED BY 'swoole';
		GRANT ALL ON *.* TO swoole@localhost;
		GRANT ALL ON *.* TO swoole@'127.0.0.1';
	SQL
}

start_postgres() {
    local bin dir=$RUN/postgres
    bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
    [ -n "$bin" ] || die "no PostgreSQL under /usr/lib/postgresql"
    TEST_PGSQL_PORT=$(free_port)
    export TEST_PGSQL_PORT TEST_PGSQL_HOST=127.0.0.1 TEST_PGSQL_SOCKET_DIR=$RUN/sockets TEST_PGSQL_USER=swoole \
        TEST_PGSQL_PASSWORD=swoole TEST_PGSQL_DATABASE=postgres
    mkdir -p "$dir"
    echo swoole >"$RUN/pgsql-password"
    chmod 644 "$RUN/pgsql-password"
    owned_by postgres "$dir"
    (cd / && as_user postgres "$bin/initdb" -D "$dir" -U swoole --pwfile="$RUN/pgsql-password" -A scram-sha-256 \
        -E UTF8 --locale=C --no-sync) >"$RUN/postgres-install.log" 2>&1 || die "initdb failed (log: $RUN/postgres-install.log)"
    launch postgres as_user postgres "$bin/postgres" -D "$dir" -c listen_addresses="$TEST_PGSQL_HOST" \
        -c port="$TEST_PGSQL_PORT" -c unix_socket_directories="$TEST_PGSQL_SOCKET_DIR" -c fsync=off -c max_connections=300
    until_true 30 "$bin/pg_isready" -h "$TEST_PGSQL_SOCKET_DIR" -p "$TEST_PGSQL_PORT" || die "postgres did not start"
}

start_redis() {
    TEST_REDIS_PORT=$(free_port)
    export TEST_REDIS_PORT TEST_REDIS_HOST=127.0.0.1 TEST_REDIS_SOCKET=$RUN/sockets/redis
    launch redis redis-server --bind "$TEST_REDIS_HOST" --port "$TEST_REDIS_PORT" --unixsocket "$TEST_REDIS_SOCKET" \
        --unixsocketperm 777 --dir "$RUN" --save '' --appendonly no
    until_true 10 redis-cli -s "$TEST_REDIS_SOCKET" ping || die "redis-server did not start"
}

start_memcached() {
    TEST_MEMCACHED_PORT=$(free_port)
    export TEST_MEMCACHED_PORT
    launch memcached memcached -u nobody -l 127.0.0.1 -p "$TEST_MEMCACHED_PORT"
    until_true 10 port_answers "$TEST_MEMCACHED_PORT" || die "memcached did not start"
}

start_ldap() {
    local dir=$RUN/ldap
    TEST_LDAP_PORT=$(free_port)
    export TEST_LDAP_PORT
    mkdir -p "$dir"
    cat >"$dir/slapd.conf" <<-CONF
		include /etc/ldap/schema/core.schema
		modulepath /usr/lib/ldap
		moduleload back_mdb
		pidfile $dir/pid
		database mdb
		suffix "dc=test"
		rootdn "cn=admin,dc=test"
		rootpw swoole
		directory $dir
	CONF
    # -d keeps it in the foreground.
    launch ldap slapd -f "$dir/slapd.conf" -h "ldap://127.0.0.1:$TEST_LDAP_PORT" -d 0
    until_true 10 port_answers "$TEST_LDAP_PORT" || die "slapd did not start (log: $RUN/ldap.log)"
}

# What each name that a `services` file may hold needs installed. Names without a start_ function are programs
# that a test runs by itself.
python_module() { case $1 in python3-grpcio) echo grpc ;; *) echo "${1#python3-}" ;; esac; }

want_service() {
    case $1 in
        mariadb) want_for mariadbd mariadb-server; want_for openssl openssl ;;
        postgres) want_file '/usr/lib/postgresql/*/bin/postgres' postgresql ;;
        redis) want_for redis-server redis-server ;;
        nginx) want_for nginx nginx-light ;;
        curl) want_for curl curl ;;
        fpm) want_for "php-fpm$PHP_VERSION" "php$PHP_VERSION-fpm" ;;
        memcached) want_for memcached memcached; want_module memcached ;;
        ldap) want_for slapd slapd; want_module ldap ;;
        mongodb | soap) want_module "$1" ;;
        wrk) want_for wrk wrk ;;
        ab) want_for ab apache2-utils ;;
        nghttp2) want_for nghttp nghttp2-client ;;
        socat) want_for socat socat ;;
        mosquitto) want_for mosquitto_pub mosquitto-clients ;;
        openssl) want_for openssl openssl ;;
        python3) want_for python3 python3 ;;
        redis-cli) want_for redis-cli redis-tools ;;
        # Modules of Debian's own /usr/bin/python3, which may not be the first in the path.
        python3-*) want_for /usr/bin/python3 python3; want_file "/usr/lib/python3/dist-packages/$(python_module "$1")" "$1" ;;
        # Where Debian's packages of node are, which another node finds by NODE_PATH.
        node-*) want_for node nodejs; want_file "/usr/share/nodejs/${1#node-}/package.json" "$1" ;;
        chromium) want_for chromium chromium; want_for chromedriver chromium-driver ;;
        *) die "php-tests asks for '$1', which scripts/services.sh does not know" ;;
    esac
}

start_service() { if declare -F "start_$1" >/dev/null; then say "starting $1"; "start_$1"; fi; }

# By id only: nothing here may touch a process that this run did not start.
stop_services() {
    local pid
    for pid in "${SERVICE_PIDS[@]}"; do kill -TERM "$pid" 2>/dev/null || true; done
    for pid in "${SERVICE_PIDS[@]}"; do
        until_true 10 test ! -d "/proc/$pid" || kill -KILL "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    SERVICE_PIDS=()
}

# Tests mark their processes by SWOOLE_TEST_RUN in the environment: what still lives with this run's mark was left
# behind. Prints a line for each, and kills it.
reap_leftovers() {
    local environ pid
    for environ in /proc/[0-9]*/environ; do
        pid=${environ#/proc/}
        pid=${pid%/environ}
        [ "$pid" != $$ ] || continue
        if { tr '\0' '\n' <"$environ" | grep -qx "SWOOLE_TEST_RUN=$RUN"; } 2>/dev/null; then
            [ "$(ps -o stat= -p "$pid" 2>/dev/null | cut -c1)" != Z ] || continue
            # The end of the command line: a phpt's own is behind a screenful of -d options.
            printf 'left behind: %s %s\n' "$pid" "$({ tr '\0' ' ' <"/proc/$pid/cmdline" | tail -c 120; } 2>/dev/null)"
            kill -KILL "$pid" 2>/dev/null || true
        fi
    done
}
