using System.Runtime.InteropServices;
using System.Text;
using Virt.Errors;

namespace Virt.Native;

/// <summary>A null-terminated array of C strings, as argv and envp are.</summary>
internal sealed unsafe class NativeStrings : IDisposable
{
    private byte** _pointer;

    /// <summary>Copies the strings to native memory; a string with a NUL in it would be cut there, so it is an error.</summary>
    public NativeStrings(IReadOnlyCollection<string> strings)
    {
        int table = (strings.Count + 1) * sizeof(byte*);
        int size = table + strings.Sum(text => Encoding.UTF8.GetByteCount(text) + 1);
        _pointer = (byte**)NativeMemory.AllocZeroed((nuint)size);
        byte* next = (byte*)_pointer + table;
        byte* end = (byte*)_pointer + size;
        int index = 0;
        foreach (string text in strings)
        {
            if (text.Contains('\0', StringComparison.Ordinal))
            {
                Dispose();
                throw new VirtException(VirtErrorCode.InvalidArgument, "an argument of a program has a NUL character");
            }

            _pointer[index++] = next;
            next += Encoding.UTF8.GetBytes(text, new Span<byte>(next, (int)(end - next))) + 1;
        }
    }

    ~NativeStrings() => Dispose();

    /// <summary>The array, valid until disposed.</summary>
    public byte** Pointer => _pointer;

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.Free(_pointer);
        _pointer = null;
        GC.SuppressFinalize(this);
    }
}
