-- What a browser sends along.
wrk.headers["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
wrk.headers["Accept"] = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
wrk.headers["Accept-Language"] = "en-US,en;q=0.5"
wrk.headers["Accept-Encoding"] = "identity"
wrk.headers["Cookie"] = "session=0123456789abcdef; theme=dark; seen=1"
wrk.headers["X-Request-Id"] = "7f3c0c1e-0000-4000-8000-000000000001"
wrk.headers["Referer"] = "http://localhost/start"
