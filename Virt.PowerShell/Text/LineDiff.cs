namespace Virt.PowerShell;

/// <summary>The difference of two texts, line by line, in the unified form that diff and patch use.</summary>
internal static class LineDiff
{
    private const int Context = 3;

    // Beyond it the part that differs is told as replaced as a whole.
    private const long MostCells = 4_000_000;

    private enum Kind
    {
        Same,
        Removed,
        Added,
    }

    /// <summary>The lines of the difference; none when the texts are the same.</summary>
    public static IReadOnlyList<string> Unified(string before, string after)
    {
        string[] old = Lines(before);
        string[] now = Lines(after);
        List<(Kind Kind, string Line)> script = Script(old, now);
        var lines = new List<string>();
        int oldLine = 0;
        int newLine = 0;
        for (int index = 0; index < script.Count;)
        {
            if (script[index].Kind == Kind.Same)
            {
                index++;
                oldLine++;
                newLine++;
                continue;
            }

            int begin = Math.Max(0, index - Context);
            int end = HunkEnd(script, index);
            (Kind Kind, string Line)[] hunk = [.. script.Skip(begin).Take(end - begin)];
            int before0 = oldLine - (index - begin);
            int after0 = newLine - (index - begin);
            int removed = hunk.Count(line => line.Kind != Kind.Added);
            int added = hunk.Count(line => line.Kind != Kind.Removed);
            lines.Add($"@@ -{before0 + 1},{removed} +{after0 + 1},{added} @@");
            lines.AddRange(hunk.Select(line => Mark(line.Kind) + line.Line));
            oldLine = before0 + removed;
            newLine = after0 + added;
            index = end;
        }

        return lines;
    }

    private static string[] Lines(string text) => text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');

    private static string Mark(Kind kind) => kind switch
    {
        Kind.Removed => "-",
        Kind.Added => "+",
        _ => " ",
    };

    // Changes whose contexts would touch are one hunk.
    private static int HunkEnd(List<(Kind Kind, string Line)> script, int first)
    {
        int last = first;
        for (int index = first; index < script.Count && index - last <= 2 * Context; index++)
        {
            if (script[index].Kind != Kind.Same)
                last = index;
        }

        return Math.Min(script.Count, last + Context + 1);
    }

    private static List<(Kind, string)> Script(string[] old, string[] now)
    {
        int head = 0;
        while (head < old.Length && head < now.Length && old[head] == now[head])
            head++;
        int tail = 0;
        while (tail < old.Length - head && tail < now.Length - head && old[^(tail + 1)] == now[^(tail + 1)])
            tail++;
        var script = new List<(Kind, string)>();
        script.AddRange(old.Take(head).Select(line => (Kind.Same, line)));
        Middle(old[head..^tail], now[head..^tail], script);
        script.AddRange(old.Skip(old.Length - tail).Select(line => (Kind.Same, line)));
        return script;
    }

    // The longest common subsequence, by the usual table.
    private static void Middle(string[] old, string[] now, List<(Kind, string)> script)
    {
        if ((long)old.Length * now.Length > MostCells)
        {
            script.AddRange(old.Select(line => (Kind.Removed, line)));
            script.AddRange(now.Select(line => (Kind.Added, line)));
            return;
        }

        int[,] length = new int[old.Length + 1, now.Length + 1];
        for (int i = old.Length - 1; i >= 0; i--)
        {
            for (int j = now.Length - 1; j >= 0; j--)
                length[i, j] = old[i] == now[j] ? length[i + 1, j + 1] + 1 : Math.Max(length[i + 1, j], length[i, j + 1]);
        }

        int x = 0;
        int y = 0;
        while (x < old.Length || y < now.Length)
        {
            if (x < old.Length && y < now.Length && old[x] == now[y])
            {
                script.Add((Kind.Same, old[x++]));
                y++;
            }
            else if (y == now.Length || (x < old.Length && length[x + 1, y] >= length[x, y + 1]))
            {
                script.Add((Kind.Removed, old[x++]));
            }
            else
            {
                script.Add((Kind.Added, now[y++]));
            }
        }
    }
}
