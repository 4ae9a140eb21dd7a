namespace Virt.Fuzz.Mutation;

/// <summary>Makes a new input of an old one. It returns the old one when it can do nothing with it.</summary>
internal interface IMutator
{
    /// <summary>Makes a new input; the old one is left as it is.</summary>
    /// <param name="input">The old one.</param>
    /// <param name="corpus">Others, to take parts from.</param>
    /// <param name="random">The only source of chance.</param>
    byte[] Mutate(byte[] input, IReadOnlyList<byte[]> corpus, Random random);
}
