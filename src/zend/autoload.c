/* Autoload: the second coroutine that needs a class waits for the first. */
#include "shim.h"

typedef bool (*swrs_autoload_wait)(zend_string *lc_name);
typedef void (*swrs_autoload_done)(zend_string *lc_name);
static zend_class_entry *(*swrs_autoload)(zend_string *name, zend_string *lc_name);
static swrs_autoload_wait swrs_wait_for_class;
static swrs_autoload_done swrs_class_loaded;

static zend_class_entry *swrs_serial_autoload(zend_string *name, zend_string *lc_name)
{
    /* zend_lookup_class_ex() has just put the name into EG(in_autoload), where it would make the next
       coroutine's look-up fail before we are asked. */
    zend_hash_del(EG(in_autoload), lc_name);
    if (!swrs_wait_for_class(lc_name)) {
        /* Another coroutine was loading it; whatever it found is what there is. */
        return zend_hash_find_ptr(EG(class_table), lc_name);
    }
    zend_class_entry *ce = swrs_autoload(name, lc_name);
    swrs_class_loaded(lc_name);
    return ce;
}
HIDDEN void swrs_hook_autoload(swrs_autoload_wait wait, swrs_autoload_done done)
{
    swrs_wait_for_class = wait;
    swrs_class_loaded = done;
    if (zend_autoload && zend_autoload != swrs_serial_autoload) {
        swrs_autoload = zend_autoload;
        zend_autoload = swrs_serial_autoload;
    }
}
