/* ext/soap keeps in globals what belongs to one call: whom an error becomes a fault of, and how answers are decoded.
   A call that suspends takes them along. */
#include "shim.h"

/* As ext/soap's own php_soap.h lays them out; compared with the loaded extension's settings before any use. */
typedef struct {
    HashTable def_enc_ns;
    HashTable def_enc;
    HashTable def_enc_index;
    HashTable *typemap;
    int cur_uniq_ns;
    int soap_version;
    void *sdl;
    bool use_soap_error_handler;
    char *error_code;
    zval error_object;
    char cache;
    char cache_mode;
    char cache_enabled;
    char *cache_dir;
    zend_long cache_ttl;
    zend_long cache_limit;
    HashTable *mem_cache;
    void *encoding;
    HashTable *class_map;
    int features;
    HashTable wsdl_cache;
    int cur_uniq_ref;
    HashTable *ref_map;
} swrs_soap_globals;

typedef struct {
    HashTable *typemap;
    int cur_uniq_ns;
    int soap_version;
    void *sdl;
    char *error_code;
    zval error_object;
    void *encoding;
    HashTable *class_map;
    int features;
    int cur_uniq_ref;
    HashTable *ref_map;
    int error_reporting;
} swrs_soap_call;

static bool no_call;
static swrs_soap_globals *soap;
/* Whether the running context is inside a call of SoapClient or SoapServer. */
HIDDEN bool *swrs_soap_calling = &no_call;

/* The globals, when the settings `name` keeps in them are where we expect them. */
static swrs_soap_globals *swrs_soap_by(const char *name, size_t length, size_t offset)
{
    const zend_ini_entry *entry = zend_hash_str_find_ptr(EG(ini_directives), name, length);
    return entry && (size_t) entry->mh_arg1 == offset ? entry->mh_arg2 : NULL;
}

/* Per request, when all extensions have started. */
HIDDEN void swrs_find_soap(void)
{
    swrs_soap_globals *ttl = swrs_soap_by(ZEND_STRL("soap.wsdl_cache_ttl"), offsetof(swrs_soap_globals, cache_ttl));
    swrs_soap_globals *limit = swrs_soap_by(ZEND_STRL("soap.wsdl_cache_limit"), offsetof(swrs_soap_globals, cache_limit));
    if (!soap && ttl && ttl == limit && PHP_VERSION_ID < 80500) {
        soap = limit;
        swrs_soap_calling = &soap->use_soap_error_handler;
    }
}

HIDDEN zend_never_inline void swrs_save_soap(swrs_local *to)
{
    swrs_soap_call *call = emalloc(sizeof(*call));
    *call = (swrs_soap_call) {
        soap->typemap, soap->cur_uniq_ns, soap->soap_version, soap->sdl, soap->error_code, soap->error_object,
        soap->encoding, soap->class_map, soap->features, soap->cur_uniq_ref, soap->ref_map, EG(error_reporting),
    };
    to->soap = call;
    soap->typemap = NULL;
    soap->cur_uniq_ns = 0;
    soap->soap_version = 1;
    soap->sdl = NULL;
    soap->use_soap_error_handler = false;
    soap->error_code = NULL;
    ZVAL_OBJ(&soap->error_object, NULL);
    soap->encoding = NULL;
    soap->class_map = NULL;
    soap->features = 0;
    soap->cur_uniq_ref = 0;
    soap->ref_map = NULL;
    /* Connecting, it mutes warnings. */
    EG(error_reporting) = swrs_error_level();
}

HIDDEN zend_never_inline void swrs_load_soap(swrs_local *from)
{
    swrs_soap_call *call = from->soap;
    soap->typemap = call->typemap;
    soap->cur_uniq_ns = call->cur_uniq_ns;
    soap->soap_version = call->soap_version;
    soap->sdl = call->sdl;
    soap->use_soap_error_handler = true;
    soap->error_code = call->error_code;
    soap->error_object = call->error_object;
    soap->encoding = call->encoding;
    soap->class_map = call->class_map;
    soap->features = call->features;
    soap->cur_uniq_ref = call->cur_uniq_ref;
    soap->ref_map = call->ref_map;
    EG(error_reporting) = call->error_reporting;
    from->soap = NULL;
    efree(call);
}

/* A context ends inside a call: nobody goes on with it. */
HIDDEN zend_never_inline void swrs_end_soap(swrs_local *local)
{
    swrs_save_soap(local);
    efree(local->soap);
    local->soap = NULL;
}
