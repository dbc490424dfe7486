// How four structures of libmariadb.so.3 lie in memory. The library is opened when it is first needed, so its headers
// are not there when we are built.
//
// Source: the binary interface of MariaDB Connector/C 3.x (mysql.h and mariadb_stmt.h, mariadb.com/docs/connectors),
// which holds for every library of that name. Sizes and places are asserted below as they are on 64-bit Linux.
#ifndef SLUICE_MARIADB_LAYOUTS_H
#define SLUICE_MARIADB_LAYOUTS_H

#include <stddef.h>
#include <stdint.h>

/// MYSQL_FIELD: what the server says of a column of a result.
typedef struct {
    const char *_Nullable name;
    const char *_Nullable original_name;
    const char *_Nullable table;
    const char *_Nullable original_table;
    const char *_Nullable database;
    const char *_Nullable catalog;
    const char *_Nullable default_value;
    unsigned long length;
    unsigned long longest;
    uint32_t name_length;
    uint32_t original_name_length;
    uint32_t table_length;
    uint32_t original_table_length;
    uint32_t database_length;
    uint32_t catalog_length;
    uint32_t default_length;
    uint32_t flags;
    uint32_t decimals;
    uint32_t charset;
    uint32_t type;
    void *_Nullable extension;
} sluice_mysql_field;

/// MYSQL_BIND: where a value of a statement comes from or goes to.
typedef struct {
    unsigned long *_Nullable length;
    int8_t *_Nullable is_null;
    void *_Nullable buffer;
    int8_t *_Nullable error;
    /// What the library keeps for itself.
    void *_Nullable own_place[4];
    unsigned long buffer_length;
    unsigned long offset;
    unsigned long own_length;
    uint32_t flags;
    uint32_t own_packed_length;
    uint32_t type;
    int8_t own_error;
    int8_t is_unsigned;
    int8_t long_data_used;
    int8_t own_is_null;
    void *_Nullable extension;
} sluice_mysql_bind;

/// MARIADB_CONST_STRING: a text with its length.
typedef struct {
    const char *_Nullable start;
    size_t count;
} sluice_mariadb_text;

/// MYSQL_TIME: a date, a time of day, or both.
typedef struct {
    uint32_t year;
    uint32_t month;
    uint32_t day;
    uint32_t hour;
    uint32_t minute;
    uint32_t second;
    unsigned long microsecond;
    int8_t is_negative;
    uint32_t kind;
} sluice_mysql_time;

#if defined(__x86_64__) || defined(__aarch64__)
_Static_assert(sizeof(sluice_mysql_field) == 128, "MYSQL_FIELD");
_Static_assert(offsetof(sluice_mysql_field, flags) == 100, "MYSQL_FIELD.flags");
_Static_assert(offsetof(sluice_mysql_field, type) == 112, "MYSQL_FIELD.type");
_Static_assert(sizeof(sluice_mysql_bind) == 112, "MYSQL_BIND");
_Static_assert(offsetof(sluice_mysql_bind, buffer_length) == 64, "MYSQL_BIND.buffer_length");
_Static_assert(offsetof(sluice_mysql_bind, type) == 96, "MYSQL_BIND.buffer_type");
_Static_assert(sizeof(sluice_mysql_time) == 40, "MYSQL_TIME");
#endif

#endif
