-- Stand-ins for what a plain server lacks, so that tables that use it can be made at all.
CREATE FUNCTION pg_catalog.uuidv7() RETURNS uuid LANGUAGE internal AS 'gen_random_uuid';
CREATE TYPE public.vector;
CREATE FUNCTION public.vector_in(cstring, oid, integer) RETURNS public.vector LANGUAGE internal IMMUTABLE STRICT AS 'varcharin';
CREATE FUNCTION public.vector_out(public.vector) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'varcharout';
CREATE TYPE public.vector (INPUT = public.vector_in, OUTPUT = public.vector_out, STORAGE = extended,
    TYPMOD_IN = pg_catalog.varchartypmodin, TYPMOD_OUT = pg_catalog.varchartypmodout);
CREATE TYPE public.geometry;
CREATE FUNCTION public.geometry_in(cstring) RETURNS public.geometry LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION public.geometry_out(public.geometry) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE TYPE public.geometry (INPUT = public.geometry_in, OUTPUT = public.geometry_out, STORAGE = main);
