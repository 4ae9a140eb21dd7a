namespace Virt.Fuzz.Engine;

/// <summary>An input that broke something.</summary>
/// <param name="Target">The target.</param>
/// <param name="Signature">What broke and where, without what depends on the input.</param>
/// <param name="Text">The whole error.</param>
/// <param name="Input">The smallest input known that does it.</param>
internal sealed record Finding(string Target, string Signature, string Text, byte[] Input)
{
    /// <summary>Writes the input and how to repeat it.</summary>
    public string Write(string folder)
    {
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, $"{Target}-{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Input))[..12]}");
        File.WriteAllBytes(path + ".bin", Input);
        File.WriteAllText(
            path + ".txt",
            $"{Text}\n\nTo repeat it:\n  dotnet run -c Release --project tests/Virt.Fuzz -- repeat {Target} {path}.bin\n");
        return path + ".bin";
    }

    /// <summary>What tells findings apart: the error's type and the first of our methods that it came through.</summary>
    public static string SignatureOf(Exception error)
    {
        if (error is FuzzViolation)
            return $"wrong: {Outcome.Shape(error.Message)}";
        string? place = error.StackTrace?.Split('\n').Select(line => line.Trim())
            .FirstOrDefault(line => line.StartsWith("at Virt.", StringComparison.Ordinal) && !line.StartsWith("at Virt.Fuzz.", StringComparison.Ordinal));
        int end = place?.IndexOf('(', StringComparison.Ordinal) ?? -1;
        return $"{error.GetType().Name} {(end > 0 ? place![..end] : Outcome.Shape(error.Message))}";
    }
}
