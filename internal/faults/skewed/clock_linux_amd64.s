#include "textflag.h"

// skewed stands in for the kernel's clock_gettime(DI clock, SI *timespec), in C's calling convention.
TEXT ·skewed(SB), NOSPLIT|NOFRAME, $0-0
	PUSHQ DI
	PUSHQ SI
	SUBQ  $8, SP             // the stack is to be aligned to 16 at the call
	MOVQ  ·real(SB), AX
	CALL  AX
	ADDQ  $8, SP
	POPQ  SI
	POPQ  DI
	TESTQ DI, DI             // CLOCK_REALTIME is 0; others tell how long, not when
	JNE   done
	MOVQ  ·offset(SB), CX
	ADDQ  CX, 0(SI)

done:
	RET

DATA ·skewing(SB)/8, $·skewed(SB)
GLOBL ·skewing(SB), NOPTR, $8
