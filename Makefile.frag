SWOOLE_TARGET_DIR = $(top_srcdir)/target

.PHONY: swoole-cargo
swoole-cargo:
	cd $(top_srcdir) && PHP=$(SWOOLE_PHP_BINARY) PHP_CONFIG=$(SWOOLE_PHP_CONFIG) RUSTC=$(RUSTC) \
		RUSTFLAGS="$${RUSTFLAGS--C relro-level=partial}" CARGO_TARGET_DIR=$(SWOOLE_TARGET_DIR) $(CARGO) build --release -p swoole

# cargo alone knows what is out of date, so it is asked every time.
$(phplibdir)/swoole.so: swoole-cargo
	cp $(SWOOLE_TARGET_DIR)/release/libswoole.so $@.new && mv -f $@.new $@
