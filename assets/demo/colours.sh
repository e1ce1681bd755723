printf '\033]0;colours\007'
printf '\n  16 colours\n\n  '
i=0; while [ $i -lt 16 ]; do printf '\033[48;5;%dm   \033[0m' $i; i=$((i+1)); [ $i -eq 8 ] && printf '\n  '; done
printf '\n\n  the cube\n\n'
r=0
while [ $r -lt 6 ]; do
  printf '  '; c=0
  while [ $c -lt 36 ]; do printf '\033[48;5;%dm \033[0m' $((16 + r * 36 + c)); c=$((c+1)); done
  printf '\n'; r=$((r+1))
done
printf '\n  24 bits\n\n  '
i=0; while [ $i -lt 48 ]; do printf '\033[48;2;%d;%d;%dm \033[0m' $((i*5)) $((120-i)) $((255-i*5)); i=$((i+1)); done
printf '\n\033[?25l'
read -r end
