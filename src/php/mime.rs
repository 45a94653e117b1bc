//! MIME types by suffix: the built-in table, and what programs changed of it.

use std::collections::BTreeMap;
use std::sync::Mutex;

use crate::php::general::give;
use crate::zend::guarded;
use crate::zend::{Call, PhpResult, Value, Zval, ZvalExt};

const UNKNOWN: &str = "application/octet-stream";

/// Changes by suffix; none is a removed one.
static CHANGES: Mutex<BTreeMap<Vec<u8>, Option<Vec<u8>>>> = Mutex::new(BTreeMap::new());

fn changes<T>(run: impl FnOnce(&mut BTreeMap<Vec<u8>, Option<Vec<u8>>>) -> T) -> T {
    // A panic while it was held leaves a valid map.
    run(&mut CHANGES.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
}

/// Forgets what programs changed.
pub fn reset() {
    changes(BTreeMap::clear);
}

/// The type of a suffix (lower case, no dot), if known.
fn known(suffix: &[u8]) -> Option<Vec<u8>> {
    if let Some(change) = changes(|map| map.get(suffix).cloned()) {
        return change;
    }
    TYPES.binary_search_by_key(&suffix, |(name, _)| name.as_bytes()).ok().map(|at| TYPES[at].1.as_bytes().to_vec())
}

/// What follows the last dot, in lower case; all of a name without one.
fn suffix_of(name: &[u8]) -> Vec<u8> {
    name.rsplit(|byte| *byte == b'.').next().unwrap_or(name).to_ascii_lowercase()
}

/// The type to serve a file as; `application/octet-stream` for an unknown suffix.
pub fn type_of(name: &[u8]) -> Vec<u8> {
    known(&suffix_of(name)).unwrap_or_else(|| UNKNOWN.into())
}

/// Whether a name's suffix is known.
pub fn is_known(name: &[u8]) -> bool {
    known(&suffix_of(name)).is_some()
}

/// Adds a type for a suffix that has none.
pub fn add(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 2)?;
    let (suffix, kind) = (args.bytes()?, args.bytes()?);
    let fresh = known(suffix).is_none();
    if fresh {
        changes(|map| map.insert(suffix.to_vec(), Some(kind.to_vec())));
    }
    ret.set_bool(fresh);
    Ok(())
}

pub fn set(call: &mut Call, _ret: &mut Zval) -> PhpResult {
    let mut args = call.args(2, 2)?;
    let (suffix, kind) = (args.bytes()?, args.bytes()?);
    changes(|map| map.insert(suffix.to_vec(), Some(kind.to_vec())));
    Ok(())
}

pub fn delete(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let suffix = call.args(1, 1)?.bytes()?;
    let there = known(suffix).is_some();
    if there {
        changes(|map| map.insert(suffix.to_vec(), None));
    }
    ret.set_bool(there);
    Ok(())
}

pub fn get(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let kind = type_of(call.args(1, 1)?.bytes()?);
    give(ret, &kind)
}

pub fn exists(call: &mut Call, ret: &mut Zval) -> PhpResult {
    let name = call.args(1, 1)?.bytes()?;
    ret.set_bool(known(&suffix_of(name)).is_some());
    Ok(())
}

pub fn list(_call: &mut Call, ret: &mut Zval) -> PhpResult {
    let changed = changes(|map| map.clone());
    let fixed = TYPES.iter().filter(|(suffix, _)| !changed.contains_key(suffix.as_bytes())).map(|(_, kind)| kind.as_bytes());
    let all: Vec<&[u8]> = fixed.chain(changed.values().flatten().map(Vec::as_slice)).collect();
    guarded(|| {
        ret.set_new_array(all.len() as u32);
        if let Some(mut array) = ret.as_array_mut() {
            for kind in &all {
                array.push(Value::string(kind));
            }
        }
    })
    .result()
}

/// By suffix, sorted.
#[rustfmt::skip]
const TYPES: &[(&str, &str)] = &[
    ("*3gpp", "audio/3gpp"),
    ("*jpm", "video/jpm"),
    ("*mp3", "audio/mp3"),
    ("*rtf", "text/rtf"),
    ("*wav", "audio/wave"),
    ("*woff", "font/woff"),
    ("*xml", "text/xml"),
    ("3g2", "video/3gpp2"),
    ("3gp", "video/3gpp"),
    ("3gpp", "video/3gpp"),
    ("7z", "application/x-7z-compressed"),
    ("aac", "audio/aac"),
    ("abw", "application/x-abiword"),
    ("ac", "application/pkix-attr-cert"),
    ("adp", "audio/adpcm"),
    ("ai", "application/postscript"),
    ("apk", "application/vnd.android.package-archive"),
    ("apng", "image/apng"),
    ("appcache", "text/cache-manifest"),
    ("arc", "application/octet-stream"),
    ("asc", "application/pgp-signature"),
    ("atom", "application/atom+xml"),
    ("atomcat", "application/atomcat+xml"),
    ("atomsvc", "application/atomsvc+xml"),
    ("au", "audio/basic"),
    ("avi", "video/x-msvideo"),
    ("aw", "application/applixware"),
    ("azw", "application/vnd.amazon.ebook"),
    ("bdoc", "application/bdoc"),
    ("bin", "application/octet-stream"),
    ("bmp", "image/bmp"),
    ("bpk", "application/octet-stream"),
    ("buffer", "application/octet-stream"),
    ("bz", "application/x-bzip"),
    ("bz2", "application/x-bzip2"),
    ("ccxml", "application/ccxml+xml"),
    ("cdmia", "application/cdmi-capability"),
    ("cdmic", "application/cdmi-container"),
    ("cdmid", "application/cdmi-domain"),
    ("cdmio", "application/cdmi-object"),
    ("cdmiq", "application/cdmi-queue"),
    ("cer", "application/pkix-cert"),
    ("cgm", "image/cgm"),
    ("class", "application/java-vm"),
    ("coffee", "text/coffeescript"),
    ("conf", "text/plain"),
    ("cpt", "application/mac-compactpro"),
    ("crl", "application/pkix-crl"),
    ("csh", "application/x-csh"),
    ("css", "text/css"),
    ("csv", "text/csv"),
    ("cu", "application/cu-seeme"),
    ("davmount", "application/davmount+xml"),
    ("dbk", "application/docbook+xml"),
    ("deb", "application/octet-stream"),
    ("def", "text/plain"),
    ("deploy", "application/octet-stream"),
    ("disposition-notification", "message/disposition-notification"),
    ("dist", "application/octet-stream"),
    ("distz", "application/octet-stream"),
    ("dll", "application/octet-stream"),
    ("dmg", "application/octet-stream"),
    ("dms", "application/octet-stream"),
    ("doc", "application/msword"),
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("dot", "application/msword"),
    ("dssc", "application/dssc+der"),
    ("dtd", "application/xml-dtd"),
    ("dump", "application/octet-stream"),
    ("ear", "application/java-archive"),
    ("ecma", "application/ecmascript"),
    ("elc", "application/octet-stream"),
    ("eml", "message/rfc822"),
    ("emma", "application/emma+xml"),
    ("eot", "application/vnd.ms-fontobject"),
    ("eps", "application/postscript"),
    ("epub", "application/epub+zip"),
    ("es", "application/ecmascript"),
    ("exe", "application/octet-stream"),
    ("exi", "application/exi"),
    ("ez", "application/andrew-inset"),
    ("g3", "image/g3fax"),
    ("gbr", "application/rpki-ghostbusters"),
    ("geojson", "application/geo+json"),
    ("gif", "image/gif"),
    ("glb", "model/gltf-binary"),
    ("gltf", "model/gltf+json"),
    ("gml", "application/gml+xml"),
    ("gpx", "application/gpx+xml"),
    ("gram", "application/srgs"),
    ("grxml", "application/srgs+xml"),
    ("gxf", "application/gxf"),
    ("gz", "application/gzip"),
    ("h261", "video/h261"),
    ("h263", "video/h263"),
    ("h264", "video/h264"),
    ("hjson", "application/hjson"),
    ("hlp", "application/winhlp"),
    ("hqx", "application/mac-binhex40"),
    ("htm", "text/html"),
    ("html", "text/html"),
    ("ico", "image/x-icon"),
    ("ics", "text/calendar"),
    ("ief", "image/ief"),
    ("ifb", "text/calendar"),
    ("iges", "model/iges"),
    ("igs", "model/iges"),
    ("img", "application/octet-stream"),
    ("in", "text/plain"),
    ("ini", "text/plain"),
    ("ink", "application/inkml+xml"),
    ("inkml", "application/inkml+xml"),
    ("ipfix", "application/ipfix"),
    ("iso", "application/octet-stream"),
    ("jade", "text/jade"),
    ("jar", "application/java-archive"),
    ("jp2", "image/jp2"),
    ("jpe", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("jpf", "image/jpx"),
    ("jpg", "image/jpeg"),
    ("jpg2", "image/jp2"),
    ("jpgm", "video/jpm"),
    ("jpgv", "video/jpeg"),
    ("jpm", "image/jpm"),
    ("jpx", "image/jpx"),
    ("js", "application/javascript"),
    ("json", "application/json"),
    ("json5", "application/json5"),
    ("jsonld", "application/ld+json"),
    ("jsonml", "application/jsonml+json"),
    ("jsx", "text/jsx"),
    ("kar", "audio/midi"),
    ("ktx", "image/ktx"),
    ("less", "text/less"),
    ("list", "text/plain"),
    ("litcoffee", "text/coffeescript"),
    ("log", "text/plain"),
    ("lostxml", "application/lost+xml"),
    ("lrf", "application/octet-stream"),
    ("m1v", "video/mpeg"),
    ("m21", "application/mp21"),
    ("m2a", "audio/mpeg"),
    ("m2v", "video/mpeg"),
    ("m3a", "audio/mpeg"),
    ("m4a", "audio/mp4"),
    ("m4p", "application/mp4"),
    ("ma", "application/mathematica"),
    ("mads", "application/mads+xml"),
    ("man", "text/troff"),
    ("manifest", "text/cache-manifest"),
    ("map", "application/json"),
    ("mar", "application/octet-stream"),
    ("markdown", "text/markdown"),
    ("mathml", "application/mathml+xml"),
    ("mb", "application/mathematica"),
    ("mbox", "application/mbox"),
    ("md", "text/markdown"),
    ("me", "text/troff"),
    ("mesh", "model/mesh"),
    ("meta4", "application/metalink4+xml"),
    ("metalink", "application/metalink+xml"),
    ("mets", "application/mets+xml"),
    ("mft", "application/rpki-manifest"),
    ("mid", "audio/midi"),
    ("midi", "audio/midi"),
    ("mime", "message/rfc822"),
    ("mj2", "video/mj2"),
    ("mjp2", "video/mj2"),
    ("mjs", "application/javascript"),
    ("mml", "text/mathml"),
    ("mods", "application/mods+xml"),
    ("mov", "video/quicktime"),
    ("mp2", "audio/mpeg"),
    ("mp21", "application/mp21"),
    ("mp2a", "audio/mpeg"),
    ("mp3", "audio/mpeg"),
    ("mp4", "video/mp4"),
    ("mp4a", "audio/mp4"),
    ("mp4s", "application/mp4"),
    ("mp4v", "video/mp4"),
    ("mpd", "application/dash+xml"),
    ("mpe", "video/mpeg"),
    ("mpeg", "video/mpeg"),
    ("mpg", "video/mpeg"),
    ("mpg4", "video/mp4"),
    ("mpga", "audio/mpeg"),
    ("mpkg", "application/vnd.apple.installer+xml"),
    ("mrc", "application/marc"),
    ("mrcx", "application/marcxml+xml"),
    ("ms", "text/troff"),
    ("mscml", "application/mediaservercontrol+xml"),
    ("msh", "model/mesh"),
    ("msi", "application/octet-stream"),
    ("msm", "application/octet-stream"),
    ("msp", "application/octet-stream"),
    ("mxf", "application/mxf"),
    ("mxml", "application/xv+xml"),
    ("n3", "text/n3"),
    ("nb", "application/mathematica"),
    ("oda", "application/oda"),
    ("odp", "application/vnd.oasis.opendocument.presentation"),
    ("ods", "application/vnd.oasis.opendocument.spreadsheet"),
    ("odt", "application/vnd.oasis.opendocument.text"),
    ("oga", "audio/ogg"),
    ("ogg", "audio/ogg"),
    ("ogv", "video/ogg"),
    ("ogx", "application/ogg"),
    ("omdoc", "application/omdoc+xml"),
    ("onepkg", "application/onenote"),
    ("onetmp", "application/onenote"),
    ("onetoc", "application/onenote"),
    ("onetoc2", "application/onenote"),
    ("opf", "application/oebps-package+xml"),
    ("otf", "font/otf"),
    ("oxps", "application/oxps"),
    ("p10", "application/pkcs10"),
    ("p7c", "application/pkcs7-mime"),
    ("p7m", "application/pkcs7-mime"),
    ("p7s", "application/pkcs7-signature"),
    ("p8", "application/pkcs8"),
    ("pdf", "application/pdf"),
    ("pfr", "application/font-tdpfr"),
    ("pgp", "application/pgp-encrypted"),
    ("pkg", "application/octet-stream"),
    ("pki", "application/pkixcmp"),
    ("pkipath", "application/pkix-pkipath"),
    ("pls", "application/pls+xml"),
    ("png", "image/png"),
    ("ppt", "application/vnd.ms-powerpoint"),
    ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ("prf", "application/pics-rules"),
    ("ps", "application/postscript"),
    ("pskcxml", "application/pskc+xml"),
    ("qt", "video/quicktime"),
    ("raml", "application/raml+yaml"),
    ("rar", "application/x-rar-compressed"),
    ("rdf", "application/rdf+xml"),
    ("rif", "application/reginfo+xml"),
    ("rl", "application/resource-lists+xml"),
    ("rld", "application/resource-lists-diff+xml"),
    ("rmi", "audio/midi"),
    ("rnc", "application/relax-ng-compact-syntax"),
    ("rng", "application/xml"),
    ("roa", "application/rpki-roa"),
    ("roff", "text/troff"),
    ("rq", "application/sparql-query"),
    ("rs", "application/rls-services+xml"),
    ("rsd", "application/rsd+xml"),
    ("rss", "application/rss+xml"),
    ("rtf", "application/rtf"),
    ("rtx", "text/richtext"),
    ("s3m", "audio/s3m"),
    ("sbml", "application/sbml+xml"),
    ("scq", "application/scvp-cv-request"),
    ("scs", "application/scvp-cv-response"),
    ("sdp", "application/sdp"),
    ("ser", "application/java-serialized-object"),
    ("setpay", "application/set-payment-initiation"),
    ("setreg", "application/set-registration-initiation"),
    ("sgi", "image/sgi"),
    ("sgm", "text/sgml"),
    ("sgml", "text/sgml"),
    ("sh", "application/x-sh"),
    ("shex", "text/shex"),
    ("shf", "application/shf+xml"),
    ("shtml", "text/html"),
    ("sig", "application/pgp-signature"),
    ("sil", "audio/silk"),
    ("silo", "model/mesh"),
    ("slim", "text/slim"),
    ("slm", "text/slim"),
    ("smi", "application/smil+xml"),
    ("smil", "application/smil+xml"),
    ("snd", "audio/basic"),
    ("so", "application/octet-stream"),
    ("spp", "application/scvp-vp-response"),
    ("spq", "application/scvp-vp-request"),
    ("spx", "audio/ogg"),
    ("sru", "application/sru+xml"),
    ("srx", "application/sparql-results+xml"),
    ("ssdl", "application/ssdl+xml"),
    ("ssml", "application/ssml+xml"),
    ("stk", "application/hyperstudio"),
    ("styl", "text/stylus"),
    ("stylus", "text/stylus"),
    ("svg", "image/svg+xml"),
    ("svgz", "image/svg+xml"),
    ("swf", "application/x-shockwave-flash"),
    ("t", "text/troff"),
    ("tar", "application/x-tar"),
    ("tei", "application/tei+xml"),
    ("teicorpus", "application/tei+xml"),
    ("text", "text/plain"),
    ("tfi", "application/thraud+xml"),
    ("tif", "image/tiff"),
    ("tiff", "image/tiff"),
    ("tr", "text/troff"),
    ("ts", "video/mp2t"),
    ("tsd", "application/timestamped-data"),
    ("tsv", "text/tab-separated-values"),
    ("ttc", "font/collection"),
    ("ttf", "font/ttf"),
    ("ttl", "text/turtle"),
    ("txt", "text/plain"),
    ("u8dsn", "message/global-delivery-status"),
    ("u8hdr", "message/global-headers"),
    ("u8mdn", "message/global-disposition-notification"),
    ("u8msg", "message/global"),
    ("uri", "text/uri-list"),
    ("uris", "text/uri-list"),
    ("urls", "text/uri-list"),
    ("vcard", "text/vcard"),
    ("vrml", "model/vrml"),
    ("vsd", "application/vnd.visio"),
    ("vtt", "text/vtt"),
    ("vxml", "application/voicexml+xml"),
    ("war", "application/java-archive"),
    ("wasm", "application/wasm"),
    ("wav", "audio/wav"),
    ("weba", "audio/webm"),
    ("webm", "video/webm"),
    ("webmanifest", "application/manifest+json"),
    ("webp", "image/webp"),
    ("wgt", "application/widget"),
    ("woff", "application/font-woff"),
    ("woff2", "font/woff2"),
    ("wrl", "model/vrml"),
    ("wsdl", "application/wsdl+xml"),
    ("wspolicy", "application/wspolicy+xml"),
    ("x3d", "model/x3d+xml"),
    ("x3db", "model/x3d+binary"),
    ("x3dbz", "model/x3d+binary"),
    ("x3dv", "model/x3d+vrml"),
    ("x3dvz", "model/x3d+vrml"),
    ("x3dz", "model/x3d+xml"),
    ("xaml", "application/xaml+xml"),
    ("xdf", "application/xcap-diff+xml"),
    ("xdssc", "application/dssc+xml"),
    ("xenc", "application/xenc+xml"),
    ("xer", "application/patch-ops-error+xml"),
    ("xht", "application/xhtml+xml"),
    ("xhtml", "application/xhtml+xml"),
    ("xhvml", "application/xv+xml"),
    ("xls", "application/vnd.ms-excel"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("xm", "audio/xm"),
    ("xml", "application/xml"),
    ("xop", "application/xop+xml"),
    ("xpl", "application/xproc+xml"),
    ("xsd", "application/xml"),
    ("xsl", "application/xml"),
    ("xslt", "application/xslt+xml"),
    ("xspf", "application/xspf+xml"),
    ("xul", "application/vnd.mozilla.xul+xml"),
    ("xvm", "application/xv+xml"),
    ("xvml", "application/xv+xml"),
    ("yaml", "text/yaml"),
    ("yang", "application/yang"),
    ("yin", "application/yin+xml"),
    ("yml", "text/yaml"),
    ("zip", "application/zip"),
];
